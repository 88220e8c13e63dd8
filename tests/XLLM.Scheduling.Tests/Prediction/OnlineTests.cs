using XLLM.Contracts.Fleet;
using XLLM.Scheduling.Prediction;

namespace XLLM.Scheduling.Tests.Prediction;

/// <summary>What service teaches a predictor that was fitted at the start.</summary>
public sealed class OnlineTests
{
    private static readonly LatencyProfile Profile = new()
    {
        Prefill = [.. new[] { 16, 64, 256, 1024 }.Select(d => new PrefillSample(d, 0, Prompt(d))), new PrefillSample(576, 512, Prompt(64))],
        Decode =
        [
            .. from batch in new[] { 1, 16, 64 } from context in new[] { 64, 1024 }
               select new DecodeSample(batch * context, batch, Step(batch, batch * context)),
        ],
    };

    [Fact]
    public void A_profile_taken_alone_is_corrected_when_the_machine_is_shared()
    {
        LatencyPredictor predictor = new(Profile);
        Assert.Equal(Prompt(300), predictor.Ttft.Seconds(300, 0), Prompt(300) * 0.02);

        // Neighbours make everything twice as slow; prompts are seen only beside decodes.
        for (int report = 0; report < 20; report++)
        {
            int decodes = 2 + (report % 5);
            predictor.Observe(new LatencyProfile
            {
                Decode = [new DecodeSample(decodes * 100, decodes, 2 * Step(decodes, decodes * 100))],
                Prefill =
                [
                    new PrefillSample(200, 0, 2 * (Prompt(200) + Step(decodes, decodes * 100) - Step(0, 0)))
                    {
                        Decodes = decodes, KvTokens = decodes * 100,
                    },
                ],
            });
        }

        // Other lengths and batches than those that were seen: the profile keeps its shape.
        Assert.Equal(2 * Prompt(800), predictor.Ttft.Seconds(800, 0), 2 * Prompt(800) * 0.2);
        Assert.Equal(2 * Step(32, 4000), predictor.Tpot.Seconds(4000, 32), 2 * Step(32, 4000) * 0.2);
        Assert.InRange(predictor.Ttft.Error.MeanRelative, 0, 0.3);
    }

    [Fact]
    public void Steps_that_mostly_decode_say_nothing_of_prompts()
    {
        LatencyPredictor predictor = new(Profile);

        predictor.Observe(new LatencyProfile
        {
            Prefill = [new PrefillSample(3, 0, 1.02 * Step(64, 6400)) { Decodes = 64, KvTokens = 6400 }],
        });

        Assert.Equal(0, predictor.Ttft.Error.Count);
    }

    [Fact]
    public void The_rate_of_prompts_follows_the_reports_and_a_restart_begins_anew()
    {
        PromptRate rate = new();
        Assert.True(double.IsNaN(rate.TokensPerSecond));
        DateTimeOffset now = DateTimeOffset.UnixEpoch;
        long tokens = 0;
        void Report(double perSecond, int times)
        {
            for (int i = 0; i < times; i++)
            {
                now = now.AddSeconds(0.25);
                tokens += (long)(perSecond * 0.25);
                rate.Add(now, tokens);
            }
        }

        Report(400, 8);
        Assert.Equal(400, rate.TokensPerSecond, 1e-9);
        Report(0, 20);
        Assert.InRange(rate.TokensPerSecond, 50, 150);
        rate.Add(now.AddSeconds(1), 0);
        rate.Add(now.AddSeconds(2), 1000);
        Assert.InRange(rate.TokensPerSecond, 200, 400);
    }

    private static double Prompt(double tokens) => 0.005 + (1e-3 * tokens);

    private static double Step(double batch, double tokens) => 0.005 + (7e-4 * batch) + (2e-6 * tokens);
}
