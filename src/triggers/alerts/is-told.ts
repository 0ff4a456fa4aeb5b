import type { TakenStep } from './life.ts'

/** People may be told of it: not of what never fired, nor of what came back before it was over, nor of rules on trial. */
export const isTold = ({ policy, transition: { from, to, reason } }: Pick<TakenStep, 'policy' | 'transition'>): boolean =>
  policy.status === 'live' && to !== 'pending' && !(from === 'pending' && to === 'resolved') && reason !== 'returned'
