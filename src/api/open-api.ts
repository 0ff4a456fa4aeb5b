import type { SwaggerOptions } from '@fastify/swagger'

/** What the OpenAPI document says beside the routes' own schemas. */
export const openApiDocument = (version: string): SwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: { title: 'HPS hub', version, description: 'Logs, boot sessions, nodes, rules and the boot API of the HPS hub.' },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of `hps token create`' },
        login: { type: 'apiKey', in: 'cookie', name: 'hps_login' },
      },
    },
  },
  // who may call a route is part of its contract
  transform: ({ schema, url, route }) => {
    const { callers = [], bootNetwork = false } = route.config?.access ?? {}
    return { schema: { ...schema, 'x-callers': bootNetwork ? [...callers, 'boot-network'] : [...callers], security: callers.includes('anonymous') ? [] : [{ token: [] }, { login: [] }] } as typeof schema, url }
  },
})
