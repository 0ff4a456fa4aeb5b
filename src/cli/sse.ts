/** One server-sent event (WHATWG HTML, section 9.2.6). */
export interface ServerEvent {
  readonly event: string
  readonly id: string | undefined
  readonly data: string
}

/** Longest event taken; a message is at most 64 KiB of bytes, six characters each when escaped. */
const MAX_EVENT_CHARACTERS = 1024 * 1024

/** Events as they become complete; an event that the end of the stream cuts off is left out. */
export async function* readEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  let pending = ''
  for await (const chunk of stream) {
    pending += decoder.decode(chunk, { stream: true })
    const blocks = pending.split(/\r?\n\r?\n/)
    pending = blocks.pop()!
    if (pending.length > MAX_EVENT_CHARACTERS) throw new Error('the stream sent an event without an end')
    for (const block of blocks) {
      const event = readEvent(block)
      if (event !== undefined) yield event
    }
  }
}

/** Comments (lines that begin with a colon) keep the connection alive and say nothing. */
function readEvent(block: string): ServerEvent | undefined {
  let event = 'message'
  let id: string | undefined
  const data: string[] = []
  for (const line of block.split(/\r?\n/)) {
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []
    if (field === 'event') event = value
    else if (field === 'id') id = value
    else if (field === 'data') data.push(value)
  }
  return data.length === 0 ? undefined : { event, id, data: data.join('\n') }
}
