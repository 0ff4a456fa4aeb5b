import { parentPort } from 'node:worker_threads'

/** The first message of a thread whose addons are loaded. */
export const BEGUN = 'begun'

/** To be called behind the first use of SQLite: a thread that is ended while Node loads an addon for it takes the whole process down (`Error::New napi_get_last_error_info`). */
export const tellBegun = (): void => parentPort!.postMessage(BEGUN)
