# Reads what ninja says with the status '@ FINISHED TOTAL ': silent when nothing is to do, one line
# that counts on a terminal, else one line for each tenth. Complaints pass through.
$1 == "@" && /Re-checking globbed|Re-running CMake/ { next }
$1 == "@" {
  if (!begun++) print "do: building build/" preset " (the first time takes minutes)"
  if (terminal) {
    printf "\r\033[Kdo: %d of %d steps", $2, $3
  } else if (int(10 * $2 / $3) > told) {
    told = int(10 * $2 / $3)
    printf "do: %d of %d steps\n", $2, $3
  }
  fflush()
  next
}
/^ninja: (Entering directory|no work to do)/ { next }
/^-- / { next }
{
  if (terminal && begun) printf "\r\033[K"
  print
  fflush()
}
END { if (terminal && begun) print "" }
