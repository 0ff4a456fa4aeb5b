export { openHubDatabase, type HubDatabase } from './records/database.ts'
export { createProvisionRecords, type ProvisionFields, type ProvisionHistoryRow, type ProvisionRecords, type ProvisionRow } from './records/provision.ts'
export { createRegistryRecords, type RegistryNode, type RegistryRecords } from './records/registry.ts'
