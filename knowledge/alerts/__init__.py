"""Mail on new and changed articles, by topic: asked for, confirmed, gathered into one mail a day, and ended by one press."""
