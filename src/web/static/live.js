/** What may wait while the page is busy or held; older ones are dropped and reported as skipped. */
const MAX_WAITING = 1000

/**
 * The live tail: messages after `after`, gathered for the next frame so that a burst costs one layout.
 * @param {{ query: string, after?: number, onBatch: (batch: { messages: object[], gaps: { fromSeq: number, toSeq: number, count: number }[] }) => void, onState: (state: 'live' | 'connecting' | 'failed') => void }} options
 */
export function followLive({ query, after, onBatch, onState }) {
  let waiting = { messages: [], gaps: [] }
  let frame = 0
  const source = new EventSource(`/api/v1/logs/stream?${new URLSearchParams({ q: query, ...(after === undefined ? {} : { after }) }).toString()}`)

  const flush = () => {
    frame = 0
    const batch = waiting
    waiting = { messages: [], gaps: [] }
    onBatch(batch)
  }
  const schedule = () => {
    // a hidden page draws no frames: a timer keeps the bound
    if (frame === 0) frame = document.hidden ? setTimeout(flush, 1000) : requestAnimationFrame(flush)
  }
  source.addEventListener('open', () => onState('live'))
  source.addEventListener('message', (event) => {
    waiting.messages.push(JSON.parse(event.data))
    if (waiting.messages.length > MAX_WAITING) {
      const lost = waiting.messages.splice(0, waiting.messages.length - MAX_WAITING / 2)
      waiting.gaps.push({ fromSeq: lost[0].seq, toSeq: lost.at(-1).seq, count: lost.length })
    }
    schedule()
  })
  source.addEventListener('skipped', (event) => {
    waiting.gaps.push(JSON.parse(event.data))
    schedule()
  })
  source.addEventListener('error', () => onState(source.readyState === EventSource.CLOSED ? 'failed' : 'connecting'))
  onState('connecting')
  return () => {
    source.close()
    cancelAnimationFrame(frame)
    clearTimeout(frame)
  }
}
