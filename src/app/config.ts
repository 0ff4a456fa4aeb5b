import { Type, type Static } from 'typebox'
import { HttpConfig } from '#api/config.ts'
import { SyslogConfig } from '#ingest/config.ts'
import { BootConfig } from '#provision/config.ts'
import { SessionsConfig, SourcesConfig } from '#sessions/config.ts'
import { SinksConfig } from '#sinks/config.ts'
import { StoreConfig } from '#store/config.ts'
import { LOG_LEVELS } from '#telemetry/index.ts'
import { MailConfig, RulesConfig, TriggersConfig } from '#triggers/config.ts'

/** The whole configuration: the rooms' slices joined. Each part is handed its own slice only. */
export const HubConfig = Type.Object(
  {
    data: Type.String({ default: 'data', description: 'Folder of everything the hub keeps. The default lies beside the launcher; a relative path of your own is relative to the working directory.' }),
    log_level: Type.Enum([...LOG_LEVELS], { default: 'info', description: 'Least important level of the hub\'s own messages that is logged.' }),
    syslog: SyslogConfig,
    sources: SourcesConfig,
    sessions: SessionsConfig,
    store: StoreConfig,
    sinks: SinksConfig,
    rules: RulesConfig,
    triggers: TriggersConfig,
    mail: MailConfig,
    boot: BootConfig,
    http: HttpConfig,
  },
  { additionalProperties: false, default: {} },
)
export type HubConfig = Static<typeof HubConfig>
