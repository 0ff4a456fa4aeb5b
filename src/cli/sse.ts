/** One server-sent event (WHATWG HTML, section 9.2.6). */
export interface ServerEvent {
  readonly event: string
  readonly id: string | undefined
  readonly data: string
}

/** Longest event taken of a live tail: a message is at most 64 KiB of bytes, six characters each when escaped. */
const MAX_EVENT_CHARACTERS = 1024 * 1024
/** Of the longest end of an event that may be cut in two. */
const BLANK_LINE_CHARACTERS = 4

/** Events as they become complete; an event that the end of the stream cuts off is left out. Throws on one longer than `maxCharacters`. */
export async function* readEvents(stream: AsyncIterable<Uint8Array>, maxCharacters = MAX_EVENT_CHARACTERS): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  const blankLine = /\r?\n\r?\n/g
  let pending = ''
  for await (const chunk of stream) {
    // what was looked at before holds no end: a long event is not looked at again with each chunk
    let from = 0
    blankLine.lastIndex = Math.max(0, pending.length - BLANK_LINE_CHARACTERS)
    pending += decoder.decode(chunk, { stream: true })
    const text = pending
    for (let end = blankLine.exec(text); end !== null; end = blankLine.exec(text)) {
      const event = readEvent(text.slice(from, end.index))
      from = end.index + end[0].length
      if (event !== undefined) yield event
    }
    pending = text.slice(from)
    if (pending.length > maxCharacters) throw new Error('the stream sent an event without an end')
  }
}

/** Comments (lines that begin with a colon) keep the connection alive and say nothing. */
function readEvent(block: string): ServerEvent | undefined {
  let event = 'message'
  let id: string | undefined
  const data: string[] = []
  for (const line of block.split(/\r?\n/)) {
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'event') event = value
    else if (field === 'id') id = value
    else if (field === 'data') data.push(value)
  }
  return data.length === 0 ? undefined : { event, id, data: data.join('\n') }
}
