/** Letters A–Z only: what other letters mean depends on an encoding that the store does not know. */
export const asciiLower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
