using System.Globalization;
using XLLM.Engine.Execution;

namespace XLLM.Cli.Bench;

/// <summary>
/// What verifying costs: the time of a step in which every stream has 1 + k rows, all with logits, over that of a step with
/// one row each. Lengths take turns, so that a slow moment of the machine meets all alike.
/// </summary>
internal sealed class VerifyCost(ModelRunner runner, TimeProvider time, int context)
{
    private static readonly int[] Rows = [1, 2, 3, 4, 6, 8, 13];

    private readonly StepInput _input = new(runner.MaxTokens, runner.MaxOutputs);
    private readonly float[] _logits = new float[runner.MaxOutputs * runner.Model.VocabularySize];

    /// <summary>A line: milliseconds of a step of one row a stream, and the other steps over it (medians).</summary>
    public string Describe(int streams, int rounds)
    {
        Fill(streams);
        int[] rows = [.. Rows.Where(r => r * streams <= Math.Min(runner.MaxOutputs, runner.MaxTokens))];
        double[][] times = [.. rows.Select(_ => new double[rounds])];
        for (int round = -10; round < rounds; round++)
        {
            for (int i = 0; i < rows.Length; i++)
            {
                double milliseconds = Step(streams, rows[i]);
                if (round >= 0)
                {
                    times[i][round] = milliseconds;
                }
            }
        }

        double[] medians = [.. times.Select(t => t.Order().ElementAt(rounds / 2))];
        return string.Create(CultureInfo.InvariantCulture, $"a step of {streams} x 1 rows: {medians[0]:0.00} ms;")
            + string.Concat(rows.Skip(1).Select((r, i) => string.Create(
                CultureInfo.InvariantCulture, $"  x {r}: {medians[i + 1] / medians[0]:0.00}")));
    }

    private void Fill(int streams)
    {
        for (int s = 0; s < streams; s++)
        {
            _input.Clear();
            _input.Add([.. Enumerable.Range(1, context)], 0, Blocks(s), 0);
            runner.Run(_input, []);
        }
    }

    private double Step(int streams, int rows)
    {
        _input.Clear();
        for (int s = 0; s < streams; s++)
        {
            _input.Add([.. Enumerable.Range(s + 1, rows)], context, Blocks(s), rows);
        }

        long started = time.GetTimestamp();
        runner.Run(_input, _logits.AsSpan(0, _input.OutputCount * runner.Model.VocabularySize));
        return time.GetElapsedTime(started).TotalMilliseconds;
    }

    private int[] Blocks(int stream)
    {
        int count = ((context + Rows[^1]) / runner.BlockTokens) + 1;
        return [.. Enumerable.Range(stream * count, count)];
    }
}
