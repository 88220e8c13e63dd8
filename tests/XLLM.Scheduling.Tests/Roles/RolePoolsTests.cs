using System.ComponentModel.DataAnnotations;
using XLLM.Contracts.Fleet;
using XLLM.Scheduling.Roles;
using XLLM.Scheduling.Tests.Fleet;

namespace XLLM.Scheduling.Tests.Roles;

/// <summary>The rules of xLLM's report, 3.2, each in simulated time. Of a fleet of n the last half by name starts in D.</summary>
public sealed class RolePoolsTests
{
    [Fact]
    public void A_starting_fleet_is_split_by_the_share()
    {
        PoolFleet fleet = PoolFleet.Of(8);

        Assert.Equal(4, fleet.Pools.Count(InstancePool.Prefill));
        Assert.Equal(4, fleet.Pools.Count(InstancePool.Decode));
        Assert.Equal(InstancePool.Prefill, fleet.PoolOf("i0"));
        Assert.Equal(InstancePool.Decode, fleet.PoolOf("i7"));
    }

    [Fact]
    public void Settled_a_decode_instance_becomes_prefill_when_its_decodes_have_ended()
    {
        PoolFleet fleet = PoolFleet.Of(6);
        fleet.Load("i3", decodes: 2, tokens: 100);
        fleet.Load("i4", decodes: 9, tokens: 900);
        fleet.Load("i5", decodes: 9, tokens: 900);

        Assert.Equal("i3", fleet.ToPrefill());
        Assert.Equal(InstancePool.DecodeToPrefill, fleet.PoolOf("i3"));
        fleet.Update();
        Assert.Equal(InstancePool.DecodeToPrefill, fleet.PoolOf("i3"));
        fleet.Load("i3");
        fleet.Update();

        Assert.Equal(InstancePool.Prefill, fleet.PoolOf("i3"));
    }

    [Fact]
    public void Settled_a_prefill_instance_becomes_decode_when_its_prompts_are_computed()
    {
        PoolFleet fleet = PoolFleet.Of(6);
        fleet.Load("i0", prefills: 3, prompt: 3000);
        fleet.Load("i1", prefills: 1, prompt: 100);
        fleet.Load("i2", prefills: 3, prompt: 3000);

        Assert.Equal("i1", fleet.ToDecode());
        Assert.Equal(InstancePool.PrefillToDecode, fleet.PoolOf("i1"));
        fleet.Load("i1", decodes: 1, tokens: 100);
        fleet.Update();

        Assert.Equal(InstancePool.Decode, fleet.PoolOf("i1"));
    }

    [Fact]
    public void A_flip_is_an_explicit_move_and_takes_effect_at_once()
    {
        // In xllm-service a P->D flip of a mixed instance is a no-op as soon as any decode instance exists.
        PoolFleet fleet = PoolFleet.Of(6);
        int before = fleet.Pools.Decoders;

        Assert.Equal("i0", fleet.ToDecode());

        Assert.Equal(before + 1, fleet.Pools.Decoders);
        Assert.Equal(InstancePool.Decode, fleet.PoolOf("i0"));
        Assert.Equal($"i0/cpu0 Prefill -> Decode ({PoolRules.DecodeShort})", fleet.Pools.Moves[^1].ToString());
    }

    [Fact]
    public void Ttft_unreachable_takes_the_lightest_decode_instance()
    {
        PoolFleet fleet = PoolFleet.Of(8);
        fleet.Load("i4", decodes: 1, tokens: 5000);
        fleet.Load("i5", decodes: 9, tokens: 300);
        fleet.Load("i6", decodes: 2, tokens: 400);
        fleet.Load("i7", decodes: 2, tokens: 500);

        Assert.Equal("i5", fleet.ToPrefill());
        Assert.Equal(1, fleet.Pools.MoveCounts[PoolRules.TtftUnreachable]);
    }

    [Fact]
    public void Ttft_unreachable_prefers_the_pool_that_was_prefill_before()
    {
        PoolFleet fleet = PoolFleet.Of(8);
        fleet.Load("i0", prefills: 1, prompt: 10, decodes: 50, tokens: 90_000);
        fleet.Load("i1", prefills: 2, prompt: 2000);
        fleet.Load("i2", prefills: 2, prompt: 2000);
        fleet.Load("i3", prefills: 2, prompt: 2000);
        Assert.Equal("i0", fleet.ToDecode());
        Assert.Equal(InstancePool.PrefillToDecode, fleet.PoolOf("i0"));
        fleet.Wait(3);

        Assert.Equal("i0", fleet.ToPrefill());
        Assert.Equal(InstancePool.DecodeToPrefill, fleet.PoolOf("i0"));
    }

    [Theory]
    [InlineData(8, 2)]
    [InlineData(3, 2)]
    [InlineData(2, 1)]
    [InlineData(1, 0)]
    public void Two_decode_instances_are_always_kept_and_in_small_fleets_all_but_one(int size, int least)
    {
        PoolFleet fleet = PoolFleet.Of(size, new RolePoolOptions { Dwell = TimeSpan.Zero });
        while (fleet.ToPrefill() is not null)
        {
            fleet.Wait(1);
        }

        Assert.Equal(least, fleet.Pools.Decoders);
        Assert.Equal(size - least, fleet.Pools.Prefillers);
        Assert.Empty(fleet.Pools.CheckIntegrity());
    }

    [Fact]
    public void One_prefill_instance_is_always_kept()
    {
        PoolFleet fleet = PoolFleet.Of(5, new RolePoolOptions { Dwell = TimeSpan.Zero, Settle = TimeSpan.Zero });
        while (fleet.ToDecode() is not null)
        {
            fleet.Wait(1);
        }

        Assert.Equal(1, fleet.Pools.Prefillers);
    }

    [Fact]
    public void Decode_short_moves_the_prefill_instance_with_the_least_left_to_compute()
    {
        PoolFleet fleet = PoolFleet.Of(6);
        fleet.Load("i0", prefills: 2, prompt: 900);
        fleet.Load("i1", prefills: 1, prompt: 100);
        fleet.Load("i2", prefills: 2, prompt: 900);
        foreach (string name in new[] { "i3", "i4", "i5" })
        {
            fleet.Load(name, decodes: 60, tokens: 140_000);
        }

        fleet.Update();

        Assert.Equal(InstancePool.PrefillToDecode, fleet.PoolOf("i1"));
        Assert.Equal(1, fleet.Pools.MoveCounts[PoolRules.DecodeShort]);
    }

    [Fact]
    public void Decode_short_prefers_the_pool_that_was_decode_before()
    {
        PoolFleet fleet = PoolFleet.Of(8);
        foreach (string name in new[] { "i4", "i5", "i6", "i7" })
        {
            fleet.Load(name, decodes: 40, tokens: name == "i6" ? 80_000 : 140_000);
        }

        Assert.Equal("i6", fleet.ToPrefill());
        Assert.Equal(InstancePool.DecodeToPrefill, fleet.PoolOf("i6"));
        fleet.Load("i6", prefills: 1, prompt: 100, decodes: 40, tokens: 80_000);
        fleet.Wait(3);
        fleet.Update();

        Assert.Equal(InstancePool.PrefillToDecode, fleet.PoolOf("i6"));
        Assert.Equal(InstancePool.Prefill, fleet.PoolOf("i0"));
    }

    [Fact]
    public void Token_interval_above_the_objective_moves_an_instance_to_decode()
    {
        PoolFleet fleet = PoolFleet.Of(6);
        foreach (string name in new[] { "i3", "i4", "i5" })
        {
            fleet.Load(name, decodes: 5, tokens: 500, interval: name == "i3" ? 0.05 : 0.09);
        }

        fleet.Update();
        Assert.Equal(3, fleet.Pools.Decoders);
        fleet.Load("i5", decodes: 5, tokens: 500, interval: 0.2);
        fleet.Update();

        Assert.Equal(4, fleet.Pools.Decoders);
        Assert.Equal(1, fleet.Pools.MoveCounts[PoolRules.TokenInterval]);
    }

    [Fact]
    public void Prefill_idle_moves_an_instance_to_decode_after_a_while_and_only_when_decodes_need_it()
    {
        PoolFleet fleet = PoolFleet.Of(6);
        fleet.Load("i0", prefills: 1, prompt: 10);
        fleet.Wait(10);
        fleet.Update();
        Assert.Equal(3, fleet.Pools.Decoders);
        foreach (string name in new[] { "i3", "i4", "i5" })
        {
            fleet.Load(name, decodes: 20, tokens: 40_000);
        }

        fleet.Update();

        Assert.Equal(InstancePool.Decode, fleet.PoolOf("i1"));
        Assert.Equal(InstancePool.Prefill, fleet.PoolOf("i0"));
        Assert.Equal(1, fleet.Pools.MoveCounts[PoolRules.PrefillIdle]);
    }

    [Fact]
    public void Roles_do_not_flap_when_both_sides_are_short()
    {
        // Prompts late and decodes short at once, asked every 50 ms for 60 s: without dwelling each instance flips at each ask.
        static long Flips(TimeSpan dwell)
        {
            PoolFleet fleet = PoolFleet.Of(6, new RolePoolOptions { Dwell = dwell, Settle = TimeSpan.Zero });
            for (int i = 0; i < 6; i++)
            {
                fleet.Load($"i{i}", prefills: 5, prompt: 50_000, decodes: 60, tokens: 140_000);
            }

            for (int tick = 0; tick < 1200; tick++)
            {
                fleet.Update();
                fleet.ToPrefill();
                fleet.Wait(0.05);
                Assert.Empty(fleet.Pools.CheckIntegrity());
            }

            return fleet.Pools.MoveCounts.Where(m => m.Key is PoolRules.DecodeShort or PoolRules.TtftUnreachable).Sum(m => m.Value);
        }

        Assert.True(Flips(TimeSpan.Zero) > 1000);
        Assert.InRange(Flips(TimeSpan.FromSeconds(2)), 1, 6 * 31);
    }

    [Fact]
    public void One_bad_report_does_not_move_the_whole_fleet()
    {
        PoolFleet fleet = PoolFleet.Of(8);
        for (int i = 4; i < 8; i++)
        {
            fleet.Load($"i{i}", decodes: 5, tokens: 500, interval: 0.5);
        }

        for (int i = 0; i < 100; i++)
        {
            fleet.Update();
            fleet.Wait(0.005);
        }

        Assert.Equal(5, fleet.Pools.Decoders);
    }

    [Fact]
    public void Keep_least_a_lost_decode_instance_is_replaced_at_once()
    {
        PoolFleet fleet = PoolFleet.Of(4);
        Assert.Equal(2, fleet.Pools.Decoders);
        fleet.Load("i0", prefills: 1, prompt: 10);
        fleet.Remove("i3");

        fleet.Update();

        Assert.Equal(2, fleet.Pools.Decoders);
        Assert.Equal(InstancePool.Decode, fleet.PoolOf("i1"));
        Assert.Null(fleet.PoolOf("i3"));
    }

    [Fact]
    public void Fixed_roles_are_never_moved()
    {
        PoolFleet fleet = new();
        fleet.Load("a", role: InstanceRole.Prefill);
        fleet.Load("b", role: InstanceRole.Decode, decodes: 60, tokens: 150_000, interval: 1);
        fleet.Load("c", role: InstanceRole.Decode, decodes: 60, tokens: 150_000, interval: 1);
        for (int i = 0; i < 10; i++)
        {
            fleet.Update();
            Assert.Null(fleet.ToPrefill());
            Assert.Null(fleet.ToDecode());
            fleet.Wait(10);
        }

        Assert.Equal(InstancePool.Prefill, fleet.PoolOf("a"));
        Assert.Equal(2, fleet.Pools.Count(InstancePool.Decode));
    }

    [Fact]
    public void Whatever_happens_the_least_are_kept_and_the_table_is_sound()
    {
        Random chance = new(17);
        PoolFleet fleet = PoolFleet.Of(7);
        for (int step = 0; step < 3000; step++)
        {
            string name = $"i{chance.Next(9)}";
            switch (chance.Next(6))
            {
                case 0 when fleet.Views.Length > 1:
                    fleet.Remove(name);
                    break;
                case 1 or 2 or 3:
                    fleet.Load(
                        name, chance.Next(3), chance.Next(3000), chance.Next(50), chance.Next(150_000), chance.NextDouble() * 0.2,
                        epoch: 1 + chance.Next(2));
                    break;
                case 4:
                    fleet.ToPrefill();
                    break;
                default:
                    fleet.ToDecode();
                    break;
            }

            fleet.Wait(chance.NextDouble());
            fleet.Update();
            Assert.Empty(fleet.Pools.CheckIntegrity());
            Assert.True(fleet.Pools.Decoders >= Math.Min(2, fleet.Views.Length - 1));
            Assert.True(fleet.Pools.Prefillers >= 1);
            Assert.All(fleet.Views, v => Assert.NotNull(fleet.Pools.Of(v.Id)));
        }
    }

    [Fact]
    public void Bad_options_are_told_with_what_would_be_right()
    {
        RolePoolOptions options = new()
        {
            LeastDecode = -1, LeastPrefill = 0, StartDecodeShare = 1.5, IdleDecodeUse = double.NaN, ShortDecodeUse = -1,
            Dwell = TimeSpan.FromSeconds(-1), Settle = TimeSpan.FromDays(1), IdleAfter = TimeSpan.FromDays(1),
        };

        Assert.Equal(8, options.Validate(new ValidationContext(options)).Count());
        Assert.Empty(new RolePoolOptions().Validate(new ValidationContext(new RolePoolOptions())));
    }
}
