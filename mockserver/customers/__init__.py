"""The customer and its rules, as pure functions of records: no clock, no chance, no storage."""
