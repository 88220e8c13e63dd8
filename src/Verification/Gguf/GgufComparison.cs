using System.Globalization;
using XLLM.Verification.Running;

namespace XLLM.Verification.Gguf;

/// <summary>Feeds one golden prompt and its greedy tokens, and measures how far the logits are from the golden ones.</summary>
internal sealed class GgufComparison(GgufGolden golden)
{
    private readonly int[] _best = new int[golden.Greedy.Length];
    private double _divergence;

    /// <summary>KL(golden || ours) in nats, mean over the prompt's positions.</summary>
    public double MeanDivergence => _divergence / golden.Ids.Length;

    /// <summary>Largest error of a listed logit, over the prompt's positions.</summary>
    public double LargestError { get; private set; }

    public void Run(SequenceFeed feed)
    {
        int last = golden.Ids.Length - 1;
        feed.Restart();
        feed.Append(golden.Ids, (position, logits) =>
        {
            Compare(position, logits);
            if (position == last && _best.Length > 0)
            {
                _best[0] = SequenceFeed.Best(logits);
            }
        });
        for (int i = 1; i < _best.Length; i++)
        {
            feed.Append([golden.Greedy[i - 1]], (_, logits) => _best[i] = SequenceFeed.Best(logits));
        }
    }

    /// <summary>Steps whose margin is at least <paramref name="margin"/> and whose best token is another.</summary>
    public (int Count, string Detail) WrongBest(double margin)
    {
        int count = 0;
        string detail = "";
        for (int i = 0; i < _best.Length; i++)
        {
            if (golden.Margins[i] >= margin && _best[i] != golden.Greedy[i])
            {
                count++;
                detail = detail.Length > 0
                    ? detail
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"step {i}: {_best[i]}, golden {golden.Greedy[i]} with margin {golden.Margins[i]}");
            }
        }

        return (count, detail);
    }

    private void Compare(int position, ReadOnlySpan<float> logits)
    {
        double ourNormal = LogSumExp(logits), divergence = 0, goldenRest = 1, ourRest = 1;
        for (int i = position * GgufGolden.Top; i < (position + 1) * GgufGolden.Top; i++)
        {
            float ours = logits[golden.TopIds[i]];
            double error = Math.Abs((double)ours - golden.TopLogits[i]);
            LargestError = double.IsNaN(error) ? double.NaN : Math.Max(LargestError, error);
            double p = Math.Exp((double)golden.TopLogits[i] - golden.LogSumExp[position]);
            double q = Math.Exp(ours - ourNormal);
            divergence += p * Math.Log(p / Math.Max(q, 1e-30));
            goldenRest -= p;
            ourRest -= q;
        }

        // Rounding can bring the rest below zero.
        _divergence += goldenRest > 1e-9 ? divergence + goldenRest * Math.Log(goldenRest / Math.Max(ourRest, 1e-9)) : divergence;
    }

    private static double LogSumExp(ReadOnlySpan<float> logits)
    {
        float most = logits[SequenceFeed.Best(logits)];
        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp((double)logit - most);
        }

        return most + Math.Log(sum);
    }
}
