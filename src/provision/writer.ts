/** The log writer's commands that provisioning uses, by shape: the room that owns them is not imported from here. */
export type WriterRequest =
  | { readonly kind: 'register'; readonly name: string; readonly macs?: readonly string[]; readonly addresses?: readonly string[]; readonly aliases?: readonly string[]; readonly rename?: string }
  | { readonly kind: 'identify'; readonly mac?: string; readonly address?: string; readonly name?: string }
  | { readonly kind: 'open'; readonly nodeId: number; readonly origin: 'decision'; readonly sessionKind: 'boot' | 'install' | 'rescue'; readonly address?: string; readonly isIpxe?: boolean }
  | { readonly kind: 'flush' }

export type WriterAnswer =
  | {
      readonly ok: true
      readonly nodeId?: number
      readonly sessionId?: number
      readonly hash?: string
      readonly joined?: boolean
      readonly by?: 'mac' | 'registered-address' | 'lease' | 'name' | 'none'
      /** The MAC that our DHCP leased the address to. */
      readonly leaseMac?: string
    }
  | { readonly ok: false; readonly code: 'conflict' | 'not-found' | 'too-many' | 'bad-request' | 'store-failed'; readonly reason: string }

export type AskWriter = (request: WriterRequest) => Promise<WriterAnswer>
