import fc from 'fast-check'

/**
 * Properties are tried with new inputs at each run, so that they go on finding things. Where a run must be the same for the same
 * commit, FAST_CHECK_SEED fixes the inputs.
 */
const seed = Number(process.env['FAST_CHECK_SEED'])
if (Number.isInteger(seed) && process.env['FAST_CHECK_SEED'] !== '') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed })
