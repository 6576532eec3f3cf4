"""Consent as a record: who agreed, for what purpose, to whom, in what language, how, when, until when."""
