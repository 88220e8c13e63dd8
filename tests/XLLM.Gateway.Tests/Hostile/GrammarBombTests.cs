using System.Net;
using System.Text;
using System.Text.Json;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Hostile;

/// <summary>
/// Schema bombs, patterns that would backtrack for ever, grammars without end: each costs its own request a refusal or nothing, and the
/// gateway goes on (CVE-2025-29770, -48942, -48943, -57809, -58446, CVE-2026-25048, -2069, -55574).
/// </summary>
public sealed class GrammarBombTests
{
    private const string Path = "/v1/completions";

    public static TheoryData<string, string> Bombs => new()
    {
        { "deep schema", Json(Nest("""{"properties":{"a":""", "{}", "}}", 30)) },
        { "deep schema as text", Json(JsonSerializer.Serialize(Nest("""{"items":""", "{}", "}", 100_000))) },
        { "deep arrays of values", Json(JsonSerializer.Serialize("""{"const":""" + new string('[', 50_000) + new string(']', 50_000) + "}")) },
        { "wide enumeration", Json("{\"enum\":[" + Many(100_000, i => $"{i}") + "]}") },
        { "wide enumeration of texts", Json("{\"enum\":[" + Many(50_000, i => $"\"{i:x8}\"") + "]}") },
        { "many properties", Json("{\"required\":[\"p1\"],\"properties\":{" + Many(20_000, i => $"\"p{i}\":{{}}") + "}}") },
        {
            "product of alternatives",
            Json("{\"allOf\":[" + Many(30, i => $"{{\"anyOf\":[{{\"minimum\":{i}}},{{\"maximum\":-{i}}},{{\"multipleOf\":{i + 2}}}]}}") + "]}")
        },
        { "oneOf of oneOf", Json(Nest("""{"oneOf":[{"minLength":3},{"pattern":"a"},""", "{}", "]}", 25)) },
        { "reference to itself", Json("""{"$ref":"#"}""") },
        { "circle of references", Json("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}""") },
        {
            "doubling references",
            Json("{\"$ref\":\"#/$defs/d0\",\"$defs\":{\"d40\":{},"
                + Many(40, i => $"\"d{i}\":{{\"properties\":{{\"a\":{Ref(i + 1)},\"b\":{Ref(i + 1)}}}}}") + "}}")
        },
        { "reference elsewhere", Json("""{"$ref":"http://169.254.169.254/latest/meta-data"}""") },
        { "reference to a file", Json("""{"$ref":"file:///etc/passwd"}""") },
        { "endless array", Json("""{"type":"array","minItems":9000000000000000000,"uniqueItems":true,"items":{"type":"boolean"}}""") },
        { "endless text", Json("""{"type":"string","minLength":2147483647,"maxLength":9000000000000000000}""") },
        { "tiny multiple", Json("""{"type":"number","multipleOf":1e-999999999}""") },
        { "huge number", Json("{\"const\":1" + new string('0', 100_000) + "}") },
        { "evil pattern", Json("""{"type":"string","pattern":"^(a+)+(b|c*)*$"}""") },
        { "nested counts in a schema", Json("""{"type":"string","pattern":"((a{1,1000}){1,1000}){1,1000}"}""") },
        { "evil regex", Regex("(a+)+$") },
        { "evil alternatives", Regex("(a|a)*(a|aa)*(a|a?)+b") },
        { "nested counts", Regex("((((a{0,999}){0,999}){0,999}){0,999}){0,999}") },
        { "huge count", Regex("a{2147483647}") },
        { "deep groups", Regex(new string('(', 50_000) + "a" + new string(')', 50_000)) },
        { "deep lookaheads", Regex(Nest("(?=", "a", ")b", 2_000)) },
        { "exponential automaton", Regex("(a|b)*a(a|b){24}") },
        { "backreferences", Regex("(a*)*\\1") },
        { "half an escape", Regex("\\") },
        { "left recursion", Grammar("root ::= root \"a\" | \"b\"") },
        { "hidden left recursion", Grammar("root ::= e root \"a\"\ne ::= \"\"") },
        { "endless rule", Grammar("root ::= \"a\" root") },
        { "doubling rules", Grammar("root ::= r0\n" + string.Join('\n', Enumerable.Range(0, 60).Select(i => $"r{i} ::= r{i + 1} r{i + 1}")) + "\nr60 ::= \"a\"") },
        { "repeated repetitions", Grammar("root ::= (((\"a\"{0,9999}){0,9999}){0,9999})*") },
        { "deep parentheses", Grammar("root ::= " + new string('(', 50_000) + "\"a\"" + new string(')', 50_000)) },
        { "missing rule", Grammar("root ::= nothing") },
        { "many choices", "\"guided_choice\":[" + string.Join(',', Enumerable.Range(0, 4096).Select(i => $"\"{new string('a', i % 100)}{i}\"")) + "]" },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task A_bomb_costs_its_own_request_a_refusal_or_nothing(string name, string field)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        string body = $"{{\"prompt\":\"a\",{field}}}";
        using HttpResponseMessage response = await host.PostAsync(Path, body);
        Assert.True(
            response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest,
            $"{name}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        await host.AskAsync(Path, new { prompt = "a" });
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task Verdicts_are_remembered_within_a_bound()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        for (int i = 0; i < 300; i++)
        {
            using HttpResponseMessage response = await host.PostAsync(Path, $"{{\"prompt\":\"a\",\"regex\":\"{i}\"}}");
        }

        Assert.InRange(host.Structures.Known, 1, XLLM.Gateway.Structure.StructureChecks.MaxKnown);
        Assert.Equal(300, host.Structures.Compiled);
    }

    private static string Many(int count, Func<int, string> part) => string.Join(',', Enumerable.Range(0, count).Select(part));

    private static string Ref(int number) => $"{{\"$ref\":\"#/$defs/d{number}\"}}";

    private static string Json(string schema) => "\"guided_json\":" + schema;

    private static string Regex(string pattern) => "\"regex\":" + JsonSerializer.Serialize(pattern);

    private static string Grammar(string grammar) => "\"grammar\":" + JsonSerializer.Serialize(grammar);

    private static string Nest(string open, string inner, string close, int depth) =>
        new StringBuilder().Insert(0, open, depth).Append(inner).Append(string.Concat(Enumerable.Repeat(close, depth))).ToString();
}
