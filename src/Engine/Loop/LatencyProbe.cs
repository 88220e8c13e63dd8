using System.Collections.Immutable;
using System.Diagnostics;
using XLLM.Contracts.Fleet;
using XLLM.Engine.Execution;

namespace XLLM.Engine.Loop;

/// <summary>
/// Measures a runner that nobody uses yet: prompts of a few lengths, and decode steps of a few batches and contexts, cheap ones
/// first, while there is time. Writes into blocks that nobody holds.
/// </summary>
internal static class LatencyProbe
{
    private static readonly (int Tokens, int Held)[] Prompts = [(16, 0), (64, 0), (64, 512), (256, 0), (1_024, 0)];

    private static readonly (int Batch, int Context)[] Decodes = [(1, 64), (4, 64), (16, 64), (1, 1_024), (64, 64), (16, 1_024)];

    /// <param name="maxTokens">Most tokens of a step; longer prompts are computed in several.</param>
    /// <param name="maxSequences">Most sequences of a step.</param>
    /// <param name="limit">No measurement begins that is likely to end after this time; zero = nothing is measured.</param>
    public static LatencyProfile Measure(IModelRunner runner, int maxTokens, int maxSequences, TimeSpan limit)
    {
        if (limit <= TimeSpan.Zero)
        {
            return LatencyProfile.Empty;
        }

        Probe probe = new(runner, maxTokens, maxSequences, limit.TotalSeconds);
        ImmutableArray<PrefillSample>.Builder prefill = ImmutableArray.CreateBuilder<PrefillSample>();
        ImmutableArray<DecodeSample>.Builder decode = ImmutableArray.CreateBuilder<DecodeSample>();
        for (int i = 0; i < Math.Max(Prompts.Length, Decodes.Length); i++)
        {
            if (i < Prompts.Length && probe.Prefill(Prompts[i].Tokens, Prompts[i].Held) is { } seconds)
            {
                prefill.Add(new PrefillSample(Prompts[i].Tokens + Prompts[i].Held, Prompts[i].Held, seconds));
            }

            if (i < Decodes.Length && probe.Decode(Decodes[i].Batch, Decodes[i].Context) is { } step)
            {
                decode.Add(new DecodeSample((long)Decodes[i].Batch * (Decodes[i].Context + 1), Decodes[i].Batch, step));
            }
        }

        return new LatencyProfile { Prefill = prefill.ToImmutable(), Decode = decode.ToImmutable() };
    }

    private sealed class Probe(IModelRunner runner, int maxTokens, int maxSequences, double limit)
    {
        // A run of a shape for the first time also records its graph.
        private const int Runs = 2;

        private readonly StepInput _input = new(maxTokens, maxSequences);
        private readonly float[] _logits = new float[checked(Math.Min(maxSequences, runner.MaxOutputs) * runner.Model.VocabularySize)];
        private readonly int[] _tokens = new int[maxTokens];
        private readonly long _began = Stopwatch.GetTimestamp();
        private double _promptToken;
        private double _decodeToken;

        /// <summary>
        /// Best time of a prompt's tokens after so many held ones to its logits; null = it does not fit, or there is no time left.
        /// </summary>
        public double? Prefill(int tokens, int held)
        {
            int blocks = BlocksFor(held + tokens);
            return blocks > runner.Blocks || held + tokens > runner.Model.ContextLength ? null : Best(tokens, ref _promptToken, () =>
            {
                for (int at = 0; at < tokens; at += maxTokens)
                {
                    int count = Math.Min(maxTokens, tokens - at);
                    _input.Clear();
                    _input.Add(
                        _tokens.AsSpan(0, count), held + at, Enumerable.Range(0, blocks).ToArray(), at + count == tokens ? 1 : 0);
                    Run();
                }
            });
        }

        /// <summary>Best time of a step of one row of each sequence after so many tokens.</summary>
        public double? Decode(int batch, int context)
        {
            int blocks = BlocksFor(context + 1);
            bool fits = (long)batch * blocks <= runner.Blocks && batch <= Math.Min(maxSequences, runner.MaxOutputs)
                && batch <= maxTokens && context < runner.Model.ContextLength;
            return !fits ? null : Best(batch, ref _decodeToken, () =>
            {
                _input.Clear();
                for (int i = 0; i < batch; i++)
                {
                    _input.Add(_tokens.AsSpan(0, 1), context, Enumerable.Range(i * blocks, blocks).ToArray(), 1);
                }

                Run();
            });
        }

        private void Run() => runner.Run(_input, _logits.AsSpan(0, _input.OutputCount * runner.Model.VocabularySize));

        private int BlocksFor(int tokens) => (tokens + runner.BlockTokens - 1) / runner.BlockTokens;

        // What the last measurement of its kind took for a token is a guess for this one, which is larger.
        private double? Best(int tokens, ref double secondsToken, Action run)
        {
            double expected = Runs * tokens * secondsToken;
            if (Stopwatch.GetElapsedTime(_began).TotalSeconds + expected > limit)
            {
                return null;
            }

            double best = double.MaxValue;
            for (int i = 0; i < Runs; i++)
            {
                long start = Stopwatch.GetTimestamp();
                run();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            secondsToken = best / tokens;
            return best;
        }
    }
}
