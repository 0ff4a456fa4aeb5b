export { createRenderer, type Renderer } from './renderer.ts'
export { MEDIA, type Medium } from './media.ts'
export { TemplateFault } from './template-fault.ts'
