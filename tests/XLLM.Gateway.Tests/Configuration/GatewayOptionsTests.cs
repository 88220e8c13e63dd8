using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using XLLM.Contracts.Configuration;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Hosting;

namespace XLLM.Gateway.Tests.Configuration;

public sealed class GatewayOptionsTests
{
    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var exception = Assert.Throws<OptionsException>(() => Add(
            ("MaxBodyBytes", "12"),
            ("MaxChoices", "many"),
            ("Colour", "red"),
            ("IdleTokenTimeout", "30"),
            ("FirstTokenTimeout", "-00:00:01"),
            ("LowWaterTokens", "500"),
            ("TextPaths:toy:x", "y")));
        string[] keys = [.. exception.Errors.Select(e => e.Split(": ")[0]).Order(StringComparer.Ordinal)];
        Assert.Equal(
            ["Gateway", "Gateway", "Gateway:Colour", "Gateway:IdleTokenTimeout", "Gateway:MaxBodyBytes", "Gateway:MaxChoices", "Gateway:TextPaths:toy"],
            keys);
        Assert.Contains("unknown key", exception.Message);
    }

    [Fact]
    public void Values_are_taken_and_the_rest_has_defaults()
    {
        GatewayOptions options = Add(("MaxBodyBytes", "2048"), ("QueueTimeout", "00:00:05"), ("TextPaths:toy", "/models/toy"));
        Assert.Equal(2048, options.MaxBodyBytes);
        Assert.Equal(TimeSpan.FromSeconds(5), options.QueueTimeout);
        Assert.Equal("/models/toy", options.TextPaths["toy"]);
        Assert.Equal(128, options.MaxChoices);
    }

    [Fact]
    public void No_section_at_all_is_fine()
    {
        Assert.Equal(8 << 20, Add().MaxBodyBytes);
    }

    [Theory]
    [InlineData("Nested:Count", "x", "is not a whole number")]
    [InlineData("Nested:Nope", "1", "unknown key")]
    [InlineData("Nested", "5", "group of keys")]
    [InlineData("List:0:Count", "100", "between 1 and 10")]
    [InlineData("List:a:Count", "1", "numbers as keys")]
    [InlineData("List", "5", "is a list")]
    [InlineData("Day", "Someday", "one of Sunday, Monday")]
    [InlineData("Day", "77", "is not one of")]
    [InlineData("Share", "NaN", "finite")]
    [InlineData("Share:deep", "1", "is one value")]
    [InlineData("On", "", "true or false")]
    public void A_binder_fault_names_its_key(string key, string value, string expected)
    {
        OptionsResult<Sample> result = StrictOptions.Bind<Sample>("S", [new(key, value)]);
        Assert.Contains(expected, Assert.Single(result.Errors));
        Assert.StartsWith("S:" + key.Split(':')[0], result.Errors[0]);
    }

    [Fact]
    public void A_binder_reads_nested_things_and_keeps_the_order_of_lists()
    {
        OptionsResult<Sample> result = StrictOptions.Bind<Sample>("S",
        [
            new("list", null), new("list:10:count", "10"), new("list:2:count", "2"), new("nested:COUNT", "7"), new("day", "friday"),
            new("share", ""), new("on", "true"),
        ]);
        Assert.Empty(result.Errors);
        Assert.Equal([2, 10], result.Value.List.Select(i => i.Count));
        Assert.Equal((7, DayOfWeek.Friday, null, true), (result.Value.Nested.Count, result.Value.Day, result.Value.Share, result.Value.On));
    }

    private static GatewayOptions Add(params (string Key, string Value)[] pairs)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(pairs.Select(p => new KeyValuePair<string, string?>("Gateway:" + p.Key, p.Value)))
            .Build();
        return new ServiceCollection().AddXllmGateway(configuration).BuildServiceProvider().GetRequiredService<GatewayOptions>();
    }

    private sealed class Sample
    {
        public Item Nested { get; set; } = new();

        public List<Item> List { get; set; } = [];

        public DayOfWeek Day { get; set; }

        public double? Share { get; set; }

        public bool On { get; set; }
    }

    private sealed class Item
    {
        [System.ComponentModel.DataAnnotations.Range(1, 10)]
        public int Count { get; set; } = 1;
    }
}
