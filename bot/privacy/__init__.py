"""Personal data: what is hidden of it before anything is kept, and how residents get what is kept of them."""
