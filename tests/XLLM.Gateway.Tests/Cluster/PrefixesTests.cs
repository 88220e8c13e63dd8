using System.Net;
using System.Text.Json;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Cluster;

public sealed class PrefixesTests
{
    [Fact]
    public async Task Trees_of_all_owners_are_one_list_in_which_parents_come_first()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Prefixes =
        [
            new PrefixTree { Segments = [SegmentOf(1, -1, 3), SegmentOf(2, 0, 9)], Blocks = 6, Chains = 1 },
            PrefixTree.Empty,
            new PrefixTree { Segments = [SegmentOf(3, -1, 5)], Blocks = 100, Chains = 40 },
        ];
        JsonElement all = JsonDocument.Parse(await host.Client.GetStringAsync("/cluster/prefixes")).RootElement;
        Assert.Equal((16, 106, 41), (
            all.GetProperty("block_tokens").GetInt32(), all.GetProperty("blocks").GetInt32(), all.GetProperty("chains").GetInt32()));
        // The second was found more often than what it follows, as that had been forgotten in between: it does not come before it.
        Assert.Equal([(3, -1), (1, -1), (2, 1)], all.GetProperty("segments").EnumerateArray()
            .Select(s => (Convert.ToInt32(s.GetProperty("id").GetString(), 16), s.GetProperty("parent").GetInt32())));
        JsonElement first = all.GetProperty("segments")[0];
        Assert.Equal((48, 5), (first.GetProperty("tokens").GetInt32(), first.GetProperty("hits").GetInt32()));
        Assert.Equal((2, 1, 0), (
            first.GetProperty("holders")[0].GetProperty("pool").GetInt32(), first.GetProperty("holders")[0].GetProperty("host").GetInt32(),
            first.GetProperty("holders")[0].GetProperty("disk").GetInt32()));

        JsonElement two = JsonDocument.Parse(await host.Client.GetStringAsync("/cluster/prefixes?limit=2")).RootElement;
        Assert.Equal(2, two.GetProperty("segments").GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, (await host.Client.GetAsync("/cluster/prefixes?limit=-1")).StatusCode);
    }

    [Fact]
    public async Task With_keys_only_an_admin_sees_them()
    {
        string file = Path.Combine(Path.GetTempPath(), $"xllm-keys-{Guid.NewGuid():N}.json");
        (string user, string admin) = (ApiKeyText.New(), ApiKeyText.New());
        ApiKeyFile.Write(file,
        [
            new ApiKeyRecord { Name = "user", Hash = ApiKeyText.HashOf(user) },
            new ApiKeyRecord { Name = "admin", Hash = ApiKeyText.HashOf(admin), IsAdmin = true },
        ]);
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.ApiKeysFile = file);
        File.Delete(file);
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", user);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.Client.GetAsync("/cluster/prefixes")).StatusCode);
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", admin);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/cluster/prefixes")).StatusCode);
    }

    private static PrefixSegment SegmentOf(int hash, int parent, long hits) => new()
    {
        First = new BlockHash(0, (ulong)hash),
        Parent = parent,
        Blocks = 3,
        Hits = hits,
        Holders = [new PrefixHolder(ToyFleet.Instance, 2, 1, 0)],
    };
}
