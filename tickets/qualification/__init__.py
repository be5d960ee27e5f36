"""What a request is, and who said so.

Pure: `sensitive`, `signs`, `grams`, `weights`. Stored: `provenance` (who set what), `spam`, `suggestions`, `duplicates`,
`training` (the only module that needs scikit-learn, imported inside its functions). `tickets.qualify` guesses from words.
"""
