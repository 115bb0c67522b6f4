// WatchCache
