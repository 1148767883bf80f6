"""The page: one file a tab. The only place, beside app.py, that imports gradio."""
