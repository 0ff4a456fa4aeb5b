/** Samples of the text exposition format, by name and labels as written. */
export function readSamples(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*(?:\{.*\})?) (\S+)/.exec(line)
    if (match !== null) samples.set(match[1]!, Number(match[2]))
  }
  return samples
}

/** The sum of the samples of `series`, `name` or `name{label="value",…}`, whatever other labels they have. */
export function sumOf(samples: ReadonlyMap<string, number>, series: string): number {
  const name = series.replace(/\{.*/, '')
  const labels = series.slice(name.length).match(/\w+="[^"]*"/g) ?? []
  let sum = 0
  for (const [key, value] of samples) {
    const isIt = key === name || key.startsWith(`${name}{`)
    if (isIt && labels.every((label) => key.includes(`{${label}`) || key.includes(`,${label}`))) sum += value
  }
  return sum
}
