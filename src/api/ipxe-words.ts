/** Only characters that mean nothing to iPXE (no `$`, quotes, `\`, `|`, `&`, `;`, `#`), and a line that fits its screen. */
export const ipxeWords = (text: string): string => text.replace(/[^A-Za-z0-9 .,:/_()=+@<>'-]/g, '?').replaceAll("'", '').slice(0, 200)
