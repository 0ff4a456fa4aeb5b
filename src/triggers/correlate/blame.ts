/** The rule that was at work when something was thrown, and the message; of a deadline there is none. */
export interface Blame { readonly rule: string; readonly seq?: number | undefined }

/** The same fault, which says now whom it was for; it keeps that on its way to another thread. */
export function blamed(fault: unknown, blame: Blame): unknown {
  return fault instanceof Error ? Object.assign(fault, { blame }) : fault
}

/** @returns undefined: nobody knew */
export function blameOf(fault: unknown): Blame | undefined {
  return fault instanceof Error && 'blame' in fault ? (fault.blame as Blame) : undefined
}
