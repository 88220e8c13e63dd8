namespace XLLM.Engine.Sampling;

/// <summary>
/// Finds the best of many values without sorting them. Better = larger, and at equal value the lower place. Pure; no
/// allocation; linear time on average.
/// </summary>
internal static class Selection
{
    /// <summary>
    /// Fills values and places with the best <c>values.Length</c> entries of the row (all of it, when it is shorter), in no
    /// particular order. Returns their number. Meant for few of many.
    /// </summary>
    public static int Best(ReadOnlySpan<float> row, Span<float> values, Span<int> places)
    {
        int count = Math.Min(values.Length, row.Length);
        if (count == 0)
        {
            return 0;
        }

        for (int i = 0; i < count; i++)
        {
            (values[i], places[i]) = (row[i], i);
        }

        for (int i = (count / 2) - 1; i >= 0; i--)
        {
            SiftDown(values[..count], places, i);
        }

        for (int at = LogitScan.NextAbove(row, count, values[0]); at < row.Length;
             at = LogitScan.NextAbove(row, at + 1, values[0]))
        {
            (values[0], places[0]) = (row[at], at);
            SiftDown(values[..count], places, 0);
        }

        return count;
    }

    /// <summary>Reorders so that the first <paramref name="count"/> entries are the best.</summary>
    public static void PutBestFirst(Span<float> values, Span<int> places, int count) =>
        Partition(values, places, count, byMass: false);

    /// <summary>
    /// Reorders so that the first entries are the smallest set of the best whose values sum to at least
    /// <paramref name="mass"/>. Returns their number, at least 1 of a row that is not empty.
    /// </summary>
    public static int PutMassFirst(Span<float> values, Span<int> places, double mass) =>
        Partition(values, places, mass, byMass: true);

    /// <summary>Sorts few entries, best first.</summary>
    public static void Sort(Span<float> values, Span<int> places)
    {
        for (int i = 1; i < values.Length; i++)
        {
            for (int j = i; j > 0 && IsBetter(values, places, j, j - 1); j--)
            {
                Swap(values, places, j, j - 1);
            }
        }
    }

    private static int Partition(Span<float> values, Span<int> places, double goal, bool byMass)
    {
        int low = 0;
        int high = values.Length;
        double before = 0;
        while (high - low > 1)
        {
            MoveMedianToEnd(values, places, low, high);
            int pivot = high - 1;
            int better = low;
            double measure = 0;
            for (int i = low; i < pivot; i++)
            {
                if (IsBetter(values, places, i, pivot))
                {
                    measure += byMass ? values[i] : 1;
                    Swap(values, places, i, better++);
                }
            }

            Swap(values, places, better, pivot);
            double own = byMass ? values[better] : 1;
            if (before + measure >= goal)
            {
                high = better;
            }
            else if (before + measure + own >= goal)
            {
                return better + 1;
            }
            else
            {
                before += measure + own;
                low = better + 1;
            }
        }

        return Math.Max(Math.Min(1, values.Length), high > low ? low + 1 : low);
    }

    private static void MoveMedianToEnd(Span<float> values, Span<int> places, int low, int high)
    {
        int middle = low + ((high - low) / 2);
        int last = high - 1;
        if (IsBetter(values, places, middle, low))
        {
            Swap(values, places, middle, low);
        }

        if (IsBetter(values, places, last, low))
        {
            Swap(values, places, last, low);
        }

        if (IsBetter(values, places, middle, last))
        {
            Swap(values, places, middle, last);
        }
    }

    private static bool IsBetter(Span<float> values, Span<int> places, int one, int two) =>
        values[one] > values[two] || (values[one] == values[two] && places[one] < places[two]);

    private static void Swap(Span<float> values, Span<int> places, int one, int two)
    {
        (values[one], values[two]) = (values[two], values[one]);
        (places[one], places[two]) = (places[two], places[one]);
    }

    // A heap with the worst entry on top.
    private static void SiftDown(Span<float> values, Span<int> places, int at)
    {
        while (true)
        {
            int worst = at;
            int left = (2 * at) + 1;
            if (left < values.Length && IsBetter(values, places, worst, left))
            {
                worst = left;
            }

            if (left + 1 < values.Length && IsBetter(values, places, worst, left + 1))
            {
                worst = left + 1;
            }

            if (worst == at)
            {
                return;
            }

            Swap(values, places, at, worst);
            at = worst;
        }
    }
}
