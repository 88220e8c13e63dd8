using XLLM.Contracts.Fleet;
using XLLM.Scheduling.Prediction;
using XLLM.Scheduling.Tests.Fleet;

namespace XLLM.Scheduling.Tests.Prediction;

public sealed class PredictorTests
{
    [Fact]
    public void Ttft_is_quadratic_in_the_computed_tokens_with_a_prefix_term()
    {
        static double True(double d, double p) => 0.004 + (9e-5 * d) + (3e-9 * d * d) + (2e-9 * d * p) + (1e-7 * p);
        TtftPredictor predictor = new(
        [
            .. from d in new[] { 16, 64, 256, 700, 1024, 2048, 4096 }
               from p in new[] { 0, 512, 2048, 8192 }
               select new PrefillSample(d + p, p, True(d, p)),
        ]);

        Assert.True(predictor.IsDetermined);
        foreach ((int d, int p) in new[] { (100, 0), (3000, 1000), (500, 6000), (8000, 0) })
        {
            Assert.Equal(True(d, p), predictor.Seconds(d + p, p), True(d, p) * 0.02);
        }
    }

    [Fact]
    public void A_held_prefix_makes_a_prompt_quicker()
    {
        TtftPredictor predictor = new([.. Enumerable.Range(1, 20).Select(i => new PrefillSample(i * 100, 0, 0.01 + (i * 0.02)))]);

        Assert.True(predictor.Seconds(2000, 1500) < 0.5 * predictor.Seconds(2000, 0));
    }

    [Fact]
    public void Tpot_is_linear_in_batch_and_tokens()
    {
        static double True(double kv, double batch) => 0.011 + (3e-5 * batch) + (9e-8 * kv);
        TpotPredictor predictor = new(
        [
            .. from batch in new[] { 1, 4, 16, 64 } from length in new[] { 64, 512, 2048 }
               select new DecodeSample((long)batch * length, batch, True(batch * length, batch)),
        ]);

        Assert.True(predictor.IsDetermined);
        Assert.Equal(True(30_000, 32), predictor.Seconds(30_000, 32), 1e-4);
        long most = predictor.MostTokens(0.05, 1000);
        Assert.InRange(predictor.Seconds(most, (int)(most / 1000)), 0.0495, 0.0505);
    }

    [Fact]
    public void No_profile_means_the_stated_prior_and_never_zero()
    {
        LatencyPredictor predictor = new(LatencyProfile.Empty);

        Assert.Equal(TtftPredictor.PriorSeconds + (1000 * TtftPredictor.PriorSecondsPerToken), predictor.Ttft.Seconds(1000, 0), 1e-9);
        Assert.Equal(TpotPredictor.PriorSeconds + (8 * TpotPredictor.PriorSecondsPerSequence), predictor.Tpot.Seconds(4000, 8), 1e-9);
        Assert.False(predictor.Ttft.IsDetermined);
        Assert.True(double.IsNaN(predictor.Ttft.Error.MeanRelative));
    }

    [Fact]
    public void Coefficients_are_never_negative_whatever_the_samples_say()
    {
        // Falling times would need a negative slope; noise would give any sign.
        Random chance = new(5);
        for (int round = 0; round < 200; round++)
        {
            TtftPredictor ttft = new([.. Enumerable.Range(0, 12).Select(_ =>
                new PrefillSample(1 + chance.Next(4000), 0, 0.001 + chance.NextDouble()))]);
            TpotPredictor tpot = new([new DecodeSample(100, 1, 0.5), new DecodeSample(100_000, 64, 0.001 + (chance.NextDouble() * 0.1))]);

            Assert.All(ttft.Coefficients.ToArray(), c => Assert.True(c >= 0 && double.IsFinite(c)));
            Assert.All(tpot.Coefficients.ToArray(), c => Assert.True(c >= 0 && double.IsFinite(c)));
            Assert.True(ttft.Seconds(1, 0) > 0);
        }
    }

    [Fact]
    public void Samples_of_one_size_leave_the_fit_undetermined_and_right_at_that_size()
    {
        TtftPredictor predictor = new([.. Enumerable.Repeat(new PrefillSample(512, 0, 0.25), 40)]);

        Assert.False(predictor.IsDetermined);
        Assert.Equal(0.25, predictor.Seconds(512, 0), 0.01);
    }

    [Fact]
    public void Service_samples_pull_the_fit_to_a_machine_that_became_slower()
    {
        TtftPredictor predictor = new([.. Enumerable.Range(1, 20).Select(i => new PrefillSample(i * 100, 0, i * 0.01))]);
        Random chance = new(3);
        for (int i = 0; i < 500; i++)
        {
            int tokens = 100 + chance.Next(1900);
            predictor.Observe(new PrefillSample(tokens, 0, tokens * 2e-4));
        }

        Assert.Equal(0.2, predictor.Seconds(1000, 0), 0.02);
        Assert.InRange(predictor.Error.MeanRelative, 0, 0.1);
    }

    [Fact]
    public void The_profile_keeps_the_shape_where_service_samples_say_nothing()
    {
        TtftPredictor predictor = new([.. Enumerable.Range(1, 40).Select(i => new PrefillSample(i * 100, 0, 0.01 + (i * 0.01)))]);
        for (int i = 0; i < 1000; i++)
        {
            predictor.Observe(new PrefillSample(500, 0, i % 2 == 0 ? 0.055 : 0.065));
        }

        Assert.Equal(0.41, predictor.Seconds(4000, 0), 0.03);
    }

    [Fact]
    public void The_error_is_judged_before_it_is_learnt()
    {
        TtftPredictor predictor = new([new PrefillSample(100, 0, 1)]);

        predictor.Observe(new PrefillSample(100, 0, 2));

        Assert.Equal(1, predictor.Error.Count);
        Assert.Equal(0.5, predictor.Error.MeanRelative, 0.01);
    }

    [Theory]
    [InlineData(10, 10, 1.0)]
    [InlineData(10, -1, 1.0)]
    [InlineData(10, 0, 0.0)]
    [InlineData(10, 0, double.NaN)]
    [InlineData(10, 0, double.PositiveInfinity)]
    public void A_sample_that_cannot_be_is_passed_over(int tokens, int cached, double seconds)
    {
        TtftPredictor predictor = new([new PrefillSample(tokens, cached, seconds)]);
        predictor.Observe(new PrefillSample(tokens, cached, seconds));

        Assert.Equal(0, predictor.Samples);
        Assert.Equal(0, predictor.Error.Count);
    }

    [Fact]
    public void Each_report_is_learnt_once_and_a_new_epoch_begins_anew()
    {
        LatencyPredictors predictors = new();
        LatencyProfile recent = new() { Prefill = [new PrefillSample(100, 0, 0.5)] };
        InstanceStatus status = Instances.Ready("a");
        status = status with { Load = status.Load with { Recent = recent } };

        Assert.Equal(1, predictors.Of(status).Ttft.Samples);
        Assert.Equal(1, predictors.Of(status).Ttft.Samples);
        Assert.Equal(2, predictors.Of(status with { Load = status.Load with { Sequence = 2 } }).Ttft.Samples);
        Assert.Equal(0, predictors.Of(Instances.Ready("a") with { Descriptor = Instances.Descriptor("a", epoch: 2) }).Ttft.Samples);
    }
}
