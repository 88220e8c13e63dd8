using XLLM.Engine.Execution;

namespace XLLM.Cli.Bench;

/// <summary>
/// Times decode steps of a model in each mode of dispatch: the same tokens, contexts and blocks in all of them. Modes take
/// turns within a round, so that a slow moment of the machine meets all alike.
/// </summary>
internal sealed class GraphBench(ModelRunner runner, TimeProvider time, int context)
{
    private readonly StepInput _input = new(runner.MaxTokens, runner.MaxOutputs);
    private readonly float[] _logits = new float[runner.MaxOutputs * runner.Model.VocabularySize];
    private readonly Random _random = new(1);

    /// <summary>Microseconds of a step, ordered, for every mode.</summary>
    public Dictionary<StepMode, double[]> Measure(int streams, int rounds, int steps, IReadOnlyList<StepMode> modes)
    {
        Fill(streams);
        var times = modes.ToDictionary(mode => mode, _ => new List<double>());
        for (int round = 0; round <= rounds; round++)
        {
            foreach (StepMode mode in modes)
            {
                runner.Mode = mode;
                for (int step = 0; step < steps; step++)
                {
                    double microseconds = Time(streams);
                    if (round > 0)
                    {
                        times[mode].Add(microseconds);
                    }
                }
            }
        }

        return times.ToDictionary(t => t.Key, t => t.Value.Order().ToArray());
    }

    /// <summary>The logits of one decode step in a mode.</summary>
    public float[] Logits(int streams, StepMode mode)
    {
        runner.Mode = mode;
        Time(streams);
        return _logits[..(streams * runner.Model.VocabularySize)];
    }

    // Gives every stream its context.
    private void Fill(int streams)
    {
        runner.Mode = StepMode.Auto;
        for (int s = 0; s < streams; s++)
        {
            for (int done = 0; done < context;)
            {
                int chunk = Math.Min(context - done, runner.MaxTokens);
                _input.Clear();
                _input.Add(Tokens(chunk), done, Blocks(s), 0);
                runner.Run(_input, []);
                done += chunk;
            }
        }
    }

    private double Time(int streams)
    {
        _input.Clear();
        for (int s = 0; s < streams; s++)
        {
            _input.Add([s + 1], context, Blocks(s), 1);
        }

        long started = time.GetTimestamp();
        runner.Run(_input, _logits.AsSpan(0, streams * runner.Model.VocabularySize));
        return time.GetElapsedTime(started).TotalMicroseconds;
    }

    private int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(runner.Model.VocabularySize))];

    private int[] Blocks(int stream)
    {
        int count = (context / runner.BlockTokens) + 1;
        return [.. Enumerable.Range(stream * count, count)];
    }
}
