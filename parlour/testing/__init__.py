"""The conformance kit: what proves that parlour, and adapters that others write for it, keep their word.

Needs the extra `[testing]`. It stands outside the rings, which never import it. `contracts` holds a suite for each port;
`text`, `entities` and `strategies` what people type, what there is, and every command of the catalogue; `scripts`,
`flagship` and `checks` random scripts of several people and what must be true of them; `folds` and `client` the reference
client; `world` time, ids, passwords and people for tests.
"""
