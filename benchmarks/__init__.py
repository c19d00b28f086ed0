"""Speed and memory beside other systems, as ratios measured in one run."""
