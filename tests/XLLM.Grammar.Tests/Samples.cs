namespace XLLM.Grammar.Tests;

/// <summary>Schemas that between them reach every kind of place that masks are made for.</summary>
internal static class Samples
{
    public static string[] All { get; } =
    [
        "{}",
        """{"type":"object","properties":{"a":{"type":"string"},"ab":{"type":"integer"},"b c":{"type":"boolean"}},"required":["ab"],"additionalProperties":false}""",
        """{"type":"object","properties":{"name":{"type":"string","minLength":2,"maxLength":4},"n":{"type":"integer","minimum":0,"maximum":100}}}""",
        """{"type":"array","items":{"type":"string","pattern":"^[a-z]{2,5}(-[0-9]+)?$"},"minItems":1,"maxItems":3}""",
        """{"type":"array","items":{"enum":["red","green",7,null]},"uniqueItems":true}""",
        """{"type":"array","items":{"type":"string"},"uniqueItems":true,"maxItems":4}""",
        """{"oneOf":[{"type":"object","properties":{"k":{"const":"a"},"v":{"type":"integer"}},"required":["k","v"]},{"type":"object","properties":{"k":{"const":"b"},"v":{"type":"string","maxLength":3}},"required":["k","v"]}]}""",
        """{"anyOf":[{"type":"string","pattern":"x"},{"type":"number","multipleOf":0.5,"minimum":-2,"maximum":40}]}""",
        """{"type":"object","patternProperties":{"^x-":{"type":"string"},"^[0-9]+$":{"type":"number"}},"additionalProperties":{"type":"boolean"}}""",
        """{"type":"object","propertyNames":{"pattern":"^[a-z]*$"},"minProperties":1,"maxProperties":2,"additionalProperties":{"type":"null"}}""",
        """{"type":"object","properties":{"next":{"$ref":"#"},"id":{"type":"number"}},"required":["id"],"additionalProperties":false}""",
        """{"type":"object","properties":{"t":{"enum":["n","s"]},"v":{}},"required":["t","v"],"if":{"properties":{"t":{"const":"n"}}},"then":{"properties":{"v":{"type":"number"}}},"else":{"properties":{"v":{"type":"string"}}}}""",
        """{"type":"object","not":{"required":["no"]},"dependentRequired":{"a":["b"]},"properties":{"a":{},"b":{},"no":{}}}""",
        """{"type":"string","format":"date-time"}""",
        """{"type":"string","enum":["é😀","e","\n\"\\"]}""",
        """{"type":"array","contains":{"type":"integer"},"maxContains":2,"maxItems":4}""",
        """{"type":["integer","null"],"minimum":5}""",
    ];

    public static TheoryData<string> Schemas { get; } = [.. All];

    /// <summary>Pieces of JSON that cross borders: quotes, brackets, keys, digits, blanks, parts of characters.</summary>
    public static string[] Pieces { get; } =
    [
        "\",", "\":", "\": ", "\"}", "\"]", "\"},{\"", "{\"", "[\"", " \"", ", \"", "\",\"", "\": \"", "\":1,\"", "}}", "]}", "[]", "{}", "},",
        "null", "true", "false", "nul", "12", "100", "007", "0.5", "1e", "-1", "5,", "5}", "  ", "\n", "\n  ", "\t", " \n ", "name", "ab", "abc",
        "a\":", "ab\":", "k\":\"a", "red\"", "green\",", "x-", "x-y\":", "é", "😀", "\\u00", "\\ud83d", "\\n", "\\\"", "\\", "ude00", "t\":\"n",
        "2024-", "T12:", "id\":", "\"\"", "\"\",", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];
}
