import { Type } from 'typebox'
import { MAX_TAG_RULES, MAX_WORD } from './tag-rule.ts'

/** `syslog.tags`: which APP-NAME messages without one are given. `tagFault` says what the schema cannot. */
export const TagsConfig = Type.Array(
  Type.Object(
    {
      from: Type.Optional(Type.String({ description: 'Address or network of the sender; any when left out.' })),
      starts: Type.Optional(Type.String({ minLength: 1, maxLength: 255, description: 'What the text begins with, byte for byte; anything when left out.' })),
      contains: Type.Optional(Type.String({ minLength: 1, maxLength: 255, description: 'What the first 1,024 bytes of the text hold, byte for byte; anything when left out.' })),
      app: Type.Optional(Type.String({ minLength: 1, maxLength: 48, description: 'The APP-NAME. Either this or `app_word`.' })),
      app_word: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_WORD, description: 'The word of the text that is the APP-NAME, from 1; `name:`, `name[pid]` and `name[pid]:` are taken apart.' })),
      host_word: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_WORD, description: 'The word of the text that is the HOSTNAME, from 1.' })),
    },
    { additionalProperties: false },
  ),
  {
    maxItems: MAX_TAG_RULES,
    default: [],
    description: 'Gives messages that carry no tag an APP-NAME; the first entry that matches decides. SIGHUP reads the list anew. `hps sources tag` tries an entry on stored messages and writes it.',
  },
)
