using XLLM.Engine.Sampling;

namespace XLLM.Engine.Tests.Sampling;

/// <summary>Each routine against a full sort.</summary>
public class SelectionTests
{
    [Fact]
    public void Best_OfRandomRowsWithManyTies_IsTheHeadOfTheSortedRow()
    {
        Random random = new(1);
        for (int round = 0; round < 300; round++)
        {
            float[] row = Row(random);
            int count = random.Next(1, 40);
            float[] values = new float[count];
            int[] places = new int[count];

            int found = Selection.Best(row, values, places);
            Selection.Sort(values.AsSpan(0, found), places);

            Assert.Equal(Sorted(row).Take(count), places.Take(found));
        }
    }

    [Fact]
    public void PutBestFirst_OfRandomRows_PutsTheHeadOfTheSortedRowFirst()
    {
        Random random = new(2);
        for (int round = 0; round < 300; round++)
        {
            float[] row = Row(random);
            int count = random.Next(1, row.Length + 1);
            int[] places = [.. Enumerable.Range(0, row.Length)];
            int[] expected = [.. Sorted(row).Take(count).Order()];

            Selection.PutBestFirst(row, places, count);

            Assert.Equal(expected, places.Take(count).Order());
        }
    }

    [Fact]
    public void PutMassFirst_OfRandomRows_FindsTheSmallestHeadWithThatMass()
    {
        Random random = new(3);
        for (int round = 0; round < 300; round++)
        {
            float[] row = Row(random);
            int[] sorted = Sorted(row);
            double goal = row.Sum(value => (double)value) * random.NextDouble();
            int expected = 0;
            for (double mass = 0; expected < row.Length && (expected == 0 || mass < goal); expected++)
            {
                mass += row[sorted[expected]];
            }

            int[] places = [.. Enumerable.Range(0, row.Length)];
            int count = Selection.PutMassFirst(row, places, goal);

            Assert.Equal(sorted.Take(expected).Order(), places.Take(count).Order());
        }
    }

    // Quarters sum without rounding, so that both sides agree to the last bit.
    private static float[] Row(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 200)).Select(_ => random.Next(1, 30) * 0.25f)];

    private static int[] Sorted(float[] row) =>
        [.. Enumerable.Range(0, row.Length).OrderByDescending(i => row[i]).ThenBy(i => i)];
}
