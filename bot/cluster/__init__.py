"""Several processes serve one city: order, limits and news over Redis. Nothing here is loaded without REDIS_URL."""
