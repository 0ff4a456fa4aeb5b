export { loadConfig, type LeafCheck, type WholeCheck } from './load.ts'
export { configReference } from './reference.ts'
export { readYaml } from './read-yaml.ts'
export { appendListEntry, listEntryLines, type ListEntry } from './list-entry.ts'
