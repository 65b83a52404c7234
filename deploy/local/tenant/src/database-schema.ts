// The tables. Times are ISO 8601 in UTC; JSON columns hold what their one reader's schema says.

/** Raised with every change of the tables or of the seeded data. */
export const schemaVersion = 3;

export const schema = `
  CREATE TABLE users (
    tenant TEXT NOT NULL, id TEXT NOT NULL, upn TEXT NOT NULL, profile TEXT NOT NULL,
    manager TEXT, enabled INTEGER NOT NULL, sessions_valid_from TEXT NOT NULL,
    password_salt TEXT, password_digest TEXT, password_change_required INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id), UNIQUE (tenant, upn)) STRICT;
  CREATE TABLE groups (
    tenant TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
    assignable INTEGER NOT NULL, PRIMARY KEY (tenant, id)) STRICT;
  CREATE TABLE group_members (
    tenant TEXT NOT NULL, group_id TEXT NOT NULL, user_id TEXT NOT NULL,
    PRIMARY KEY (tenant, group_id, user_id)) STRICT;
  CREATE TABLE directory_roles (
    tenant TEXT NOT NULL, user_id TEXT NOT NULL, name TEXT NOT NULL, template_id TEXT NOT NULL,
    PRIMARY KEY (tenant, user_id, template_id)) STRICT;
  CREATE TABLE api_roles (
    tenant TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT NOT NULL,
    PRIMARY KEY (tenant, user_id, role)) STRICT;
  CREATE TABLE methods (
    tenant TEXT NOT NULL, user_id TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL,
    is_default INTEGER NOT NULL, PRIMARY KEY (tenant, user_id, id)) STRICT;
  CREATE TABLE licences (
    tenant TEXT NOT NULL, user_id TEXT NOT NULL, sku_id TEXT NOT NULL,
    PRIMARY KEY (tenant, user_id, sku_id)) STRICT;
  CREATE TABLE applications (
    tenant TEXT NOT NULL, client_id TEXT NOT NULL, object_id TEXT NOT NULL, name TEXT NOT NULL,
    kind TEXT NOT NULL, blueprint TEXT, graph_roles TEXT NOT NULL, api_roles TEXT NOT NULL,
    enabled INTEGER NOT NULL, secret_digest TEXT, PRIMARY KEY (tenant, client_id)) STRICT;
  CREATE TABLE signing_keys (name TEXT PRIMARY KEY, kid TEXT NOT NULL, private_pem TEXT NOT NULL) STRICT;
  CREATE TABLE vault_secrets (
    seq INTEGER PRIMARY KEY, vault TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
    value TEXT NOT NULL, content_type TEXT, tags TEXT NOT NULL, enabled INTEGER NOT NULL,
    nbf INTEGER, exp INTEGER, created INTEGER NOT NULL, UNIQUE (vault, name, version)) STRICT;
  CREATE TABLE vault_keys (
    vault TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, private_pem TEXT NOT NULL,
    created INTEGER NOT NULL, PRIMARY KEY (vault, name, version)) STRICT;
  CREATE TABLE blobs (
    container TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL, blocks INTEGER NOT NULL,
    changed_at TEXT NOT NULL, PRIMARY KEY (container, name)) STRICT;
  CREATE TABLE blob_blocks (
    container TEXT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (container, name, position)) STRICT;
  CREATE TABLE vault_access (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, vault TEXT NOT NULL, identity TEXT NOT NULL,
    operation TEXT NOT NULL, name TEXT NOT NULL, status INTEGER NOT NULL,
    client_request_id TEXT) STRICT;
  CREATE TABLE issued (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (kind, value)) STRICT;
  CREATE TABLE effects (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, tenant TEXT NOT NULL, app TEXT NOT NULL,
    method TEXT NOT NULL, path TEXT NOT NULL, client_request_id TEXT) STRICT;
  CREATE TABLE prompts (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, customer TEXT NOT NULL, request TEXT NOT NULL) STRICT;
  CREATE TABLE chats (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, user_id TEXT NOT NULL, bot_blocked INTEGER NOT NULL,
    UNIQUE (tenant, user_id)) STRICT;
  CREATE TABLE activities (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, chat TEXT NOT NULL, author TEXT NOT NULL,
    at TEXT NOT NULL, text TEXT NOT NULL, card TEXT, reply_to TEXT, updates INTEGER NOT NULL,
    deleted INTEGER NOT NULL, personal_card TEXT) STRICT;
  CREATE TABLE activity_history (
    seq INTEGER PRIMARY KEY, activity TEXT NOT NULL, at TEXT NOT NULL, cause TEXT NOT NULL,
    text TEXT NOT NULL, card TEXT) STRICT;
`;
