"""Parts of tracing that programs ask about."""
