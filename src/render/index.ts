export { createRenderer, type CompileRequest, type Renderer, type Template } from './renderer.ts'
export { MEDIA, type Medium } from './media.ts'
export { TemplateFault } from './template-fault.ts'
