"""From conversations to findings. In: dialogues, packed into windows. Out: what the person says, with its proof."""
