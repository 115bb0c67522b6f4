print("binnacle-bench")
