using XLLM.Contracts.Requests;

namespace XLLM.Engine.Tests.Sampling;

/// <summary>The distribution a row of logits stands for, computed step by step in double precision with full sorts.</summary>
internal static class ReferenceSampler
{
    public static double[] Distribution(
        float[] logits, SamplingOptions options, int[] prompt, int[] output, int[] masked)
    {
        double[] row = [.. logits.Select(value => (double)value)];
        foreach (int token in prompt.Concat(output).Distinct())
        {
            row[token] = row[token] > 0 ? row[token] / options.RepetitionPenalty : row[token] * options.RepetitionPenalty;
        }

        foreach (IGrouping<int, int> group in output.GroupBy(token => token))
        {
            row[group.Key] -= (options.FrequencyPenalty * group.Count()) + options.PresencePenalty;
        }

        foreach (TokenBias bias in options.LogitBias)
        {
            row[bias.Token] += bias.Bias;
        }

        foreach (int token in masked)
        {
            row[token] = double.NegativeInfinity;
        }

        int[] order = [.. Enumerable.Range(0, row.Length).OrderByDescending(i => row[i]).ThenBy(i => i)];
        double best = row[order[0]];
        double[] weights = [.. row.Select(value => Math.Exp((value - best) / options.Temperature))];
        IEnumerable<int> kept = order.Where(i => weights[i] >= options.MinP && weights[i] > 0);
        kept = options.TopK > 0 ? kept.Take(options.TopK) : kept;
        int[] left = [.. kept];
        double goal = left.Sum(i => weights[i]) * options.TopP;
        double[] result = new double[row.Length];
        double mass = 0;
        foreach (int i in left)
        {
            if (mass >= goal)
            {
                break;
            }

            mass += weights[i];
            result[i] = weights[i];
        }

        return [.. result.Select(weight => weight / mass)];
    }
}
