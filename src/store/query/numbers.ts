const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i
/** Digits that a double holds exactly are far fewer; longer texts are not taken for numbers. */
const MAX_NUMBER_LENGTH = 40

/** Does the text read as a decimal number (`500`, `-0.5`, `1e3`)? */
export const isNumber = (text: string): boolean => text.length <= MAX_NUMBER_LENGTH && NUMBER.test(text) && Number.isFinite(Number(text))
