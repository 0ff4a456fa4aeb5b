import { BATCH_BYTES, BATCH_ROWS } from '#domain/batch.ts'
import { POOL_BATCHES } from './batch-flow.ts'

/**
 * Who is given room while batches run short (docs/decisions/0011-fair-share.md). A datagram cannot be made to wait, so of the loudest
 * senders some are left out: dynamic thresholds (Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998). A sender may
 * hold so many times what is free; what is free shrinks as more of them are loud, so some room always stays for one that has been quiet.
 *
 * A sender is an address on a listener. A relay is one sender, however many hosts stand behind it: let it use TCP or RELP.
 */

/** Room is counted in bytes; a short message takes a row all the same. */
const ROW_BYTES = BATCH_BYTES / BATCH_ROWS
/** The room that a frame of so many bytes takes of a batch, as a part of `BATCH_BYTES`. */
export const roomOf = (frameBytes: number): number => Math.max(ROW_BYTES, frameBytes)
/** The room left in a batch: rows or bytes, whichever ends first. */
export const roomLeft = (rows: number, bytes: number): number => Math.min(rows * ROW_BYTES, bytes)

/** A sender may hold so many times what is free: one that is loud alone two thirds of the pool, two of them two fifths each. */
const ALPHA = 2
/** With more free than this nobody can hold more than his share, so there is nothing to judge. Free batches besides the one being filled. */
export const EASY_BATCHES = Math.ceil(POOL_BATCHES / (1 + ALPHA))
/** Batches that only datagrams and the hub's own messages may begin: connections and HTTP bodies wait, which costs them nothing. */
export const RESERVED_BATCHES = 2
/** While connections and bodies take nothing in, so many batches are settled; then it is their turn, … */
export const TURN_AFTER_BATCHES = 2
/** … to take in so much of what is reserved too: an eighth of what the disk takes, so that no flood of datagrams makes them wait for ever. */
export const TURN_BYTES = BATCH_BYTES / 4
/** When no more than this is left of the last batch, it is for messages of severity err and worse. */
const LAST_ROOM = BATCH_BYTES / 4
/** emerg, alert, crit, err: never left out while there is any room. */
const LEAST_URGENT = 3

/** Whether a message of this severity (0–7) is kept whoever sends it. */
export const isUrgent = (severity: number): boolean => severity <= LEAST_URGENT

/** Whether a sender that would hold so much, with the message in hand, is given its room while so much is free behind it. */
export const isWithinShare = (heldBytes: number, freeBytes: number): boolean => freeBytes >= LAST_ROOM && heldBytes <= ALPHA * freeBytes
