import { messageFields } from '#domain/fields/message-fields.ts'
import type { MessageView } from './parts.ts'

/** The message with what it says under a name: read when it is asked for, and by nobody else. */
export function withFields(message: MessageView): MessageView {
  const { fields, isCut } = messageFields({ app: message.app, procid: message.procid, structuredData: message.structured_data, text: message.text })
  return isCut ? { ...message, fields, fields_cut: true } : { ...message, fields }
}

/** As the message is, or with its fields: what `fields=1` decides. */
export const fieldsWhere = (isAsked: boolean | undefined): ((message: MessageView) => MessageView) => (isAsked === true ? withFields : (message) => message)
