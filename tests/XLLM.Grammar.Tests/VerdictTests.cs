namespace XLLM.Grammar.Tests;

/// <summary>Verdicts on whole texts. What is right was worked out by python-jsonschema 4.26 with formats asserted.</summary>
public sealed class VerdictTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "1.0 1e2 -0 12 100E-2", "1.5 1e-1 01 + .5 1.")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer"}""", "1 -3 0", "1.0 1e2")]
    [InlineData("""{"minimum":0}""", "0 -0 0.0 5e300 \"a\" -0e5 null", "-1 -0.5 -1e-9")]
    [InlineData("""{"type":"number","minimum":1,"maximum":10}""", "1 10 1e1 100e-1 0.1e1 9.99", "0 11 1e2 0.99 10.01")]
    [InlineData("""{"type":"integer","minimum":5,"maximum":17}""", "5 17 1e1 10 170e-1 5.0", "4 18 2 50 1.5")]
    [InlineData("""{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}""", "0.5 1e-300 0.999", "0 1 -0.1 1.0")]
    [InlineData("""{"type":"number","multipleOf":0.25}""", "0 0.5 1.75 25e-2 -3", "0.3 0.1 1e-1")]
    [InlineData("""{"multipleOf":7}""", "7 14.0 0.7e1 -21 0", "8 1 7.7")]
    [InlineData("""{"enum":[2.0,1e2,-3]}""", "2 2.0 100 1e2 1.0e2 -3 -30e-1", "20 1 3 10")]
    [InlineData("""{"const":"a/b"}""", "\"a/b\" \"a\\/b\" \"\\u0061/b\"", "\"a\" \"a/bc\" 1")]
    [InlineData("""{"enum":[null,true,"x",[1,{"a":2}]]}""", "null true \"x\" [1,{\"a\":2}] [1.0,{\"a\":2e0}]", "false [1] [1,{}] \"y\"")]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", "\"ab\" \"abc\" \"\\u00e9\\n\" \"\\ud83d\\ude00x\" \"😀é\"", "\"a\" \"abcd\" \"\\ud83d\\ude00\"")]
    [InlineData("""{"pattern":"^[a-c]+$","maxLength":3}""", "\"abc\" \"a\" 5", "\"abca\" \"d\" \"\"")]
    [InlineData("""{"type":"string","pattern":"b"}""", "\"abc\" \"b\"", "\"ac\" \"\"")]
    [InlineData("""{"type":"string","pattern":"^a|b$"}""", "\"ax\" \"xb\"", "\"xa\" \"bx\"")]
    [InlineData("""{"type":"string","pattern":"^(?!ab)[a-z]{2,}$"}""", "\"ba\" \"aab\"", "\"ab\" \"abc\" \"a\"")]
    [InlineData("""{"type":"string","pattern":"^(aa)*$","minLength":3,"maxLength":4}""", "\"aaaa\"", "\"aa\" \"aaa\"")]
    [InlineData("""{"format":"date-time","type":"string"}""", "\"2024-02-29T23:59:60Z\" \"2023-01-31t01:02:03.5+05:30\"", "\"2023-02-29T00:00:00Z\" \"2023-01-01T24:00:00Z\" \"2023-01-01T00:00:00\"")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","format":"date"}""", "\"2024-02-29\" 5", "\"2100-02-29\" \"2024-13-01\"")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#","format":"date"}""", "\"2024-01-01\"", "\"x\"")]
    [InlineData("""{"format":"ipv6"}""", "\"::1\" \"::ffff:1.2.3.4\" \"1:2:3:4:5:6:7:8\"", "\"1:2\" \":::\" \"1.2.3.4\"")]
    [InlineData("""{"format":"uuid"}""", "\"12345678-1234-1234-1234-123456789abc\"", "\"12345678\"")]
    [InlineData("""{"format":"of-my-own"}""", "\"anything\"", "")]
    public void Scalars(string schema, string valid, string invalid) => All(schema, valid, invalid);

    [Theory]
    [InlineData("""{"properties":{"a":{"type":"integer"}},"required":["a"]}""", "{\"a\":1} {\"b\":[],\"a\":2} [] 5", "{} {\"a\":\"x\"} {\"b\":1}")]
    [InlineData("""{"type":"object","required":["x"]}""", "{\"x\":null} {\"y\":1,\"x\":2}", "{} {\"y\":1}")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":false}""", "{} {\"a\":1}", "{\"b\":1} {\"a\":1,\"b\":2}")]
    [InlineData("""{"patternProperties":{"^x":{"type":"integer"},"y$":{"minimum":5}}}""", "{\"xa\":1} {\"xy\":5} {\"zy\":\"s\"}", "{\"xa\":\"s\"} {\"xy\":4} {\"xy\":5.5}")]
    [InlineData("""{"type":"object","patternProperties":{"^[ab]$":{}},"additionalProperties":false,"minProperties":2}""", "{\"a\":1,\"b\":2}", "{\"a\":1} {\"c\":1}")]
    [InlineData("""{"minProperties":1,"maxProperties":2}""", "{\"a\":1} {\"a\":1,\"b\":2}", "{} {\"a\":1,\"b\":2,\"c\":3}")]
    [InlineData("""{"propertyNames":{"maxLength":2,"not":{"const":"ab"}}}""", "{\"a\":1} {} {\"xy\":1}", "{\"ab\":1} {\"abc\":1}")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", "{\"a\":1,\"b\":2} {\"b\":1} [] {\"b\":1,\"a\":2}", "{\"a\":1} {\"a\":1,\"c\":1}")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":["b"],"c":{"required":["d"]}}}""", "{\"a\":1,\"b\":2} {\"c\":1,\"d\":1}", "{\"a\":1} {\"c\":1}")]
    [InlineData("""{"dependencies":{"a":["b"]}}""", "{\"a\":1}", "")]
    [InlineData("""{"allOf":[{"properties":{"a":{"minimum":3}}},{"properties":{"a":{"maximum":5}}}],"required":["a"],"type":"object"}""", "{\"a\":4}", "{\"a\":2} {\"a\":6}")]
    [InlineData("""{"anyOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":{"const":2}},"required":["b"]}]}""", "{\"a\":1} {\"b\":2} {\"a\":5,\"b\":2} 3", "{\"a\":2} {} {\"a\":2,\"b\":1}")]
    [InlineData("""{"oneOf":[{"required":["a"]},{"required":["b"]}]}""", "{\"a\":1} {\"b\":1,\"c\":2}", "{} {\"a\":1,\"b\":2} 5")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"minimum":2}]}""", "1 2.5 \"s\"", "3 1.5")]
    [InlineData("""{"type":"object","properties":{"k":{}},"oneOf":[{"properties":{"k":{"type":"string"}}},{"properties":{"k":{"maxLength":3}}}],"required":["k"]}""", "{\"k\":5} {\"k\":\"long\"}", "{\"k\":\"abc\"}")]
    [InlineData("""{"not":{"type":"object","required":["a"]}}""", "{} {\"b\":1} 5", "{\"a\":1}")]
    [InlineData("""{"not":{"properties":{"a":{"type":"string"}}}}""", "{\"a\":1} {\"b\":1,\"a\":null}", "{} {\"a\":\"x\"} 5")]
    [InlineData("""{"if":{"properties":{"t":{"const":"n"}},"required":["t"]},"then":{"required":["n"]},"else":{"required":["s"]}}""", "{\"t\":\"n\",\"n\":1} {\"s\":1} {\"n\":1,\"t\":\"n\"} {\"t\":\"q\",\"s\":1}", "{\"t\":\"n\",\"s\":1} {} {\"t\":\"q\"}")]
    [InlineData("""{"$defs":{"n":{"properties":{"next":{"$ref":"#/$defs/n"}},"additionalProperties":false}},"$ref":"#/$defs/n"}""", "{\"next\":{\"next\":{}}}", "{\"next\":{\"x\":1}}")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"s":{"type":"string"}},"$ref":"#/definitions/s","maxLength":1}""", "\"long\"", "5")]
    [InlineData("""{"$defs":{"s":{"type":"string"}},"$ref":"#/$defs/s","maxLength":1}""", "\"l\"", "\"long\"")]
    [InlineData("""{"$id":"http://x.y/z","$defs":{"a":{"$anchor":"here","type":"null"},"b":{"$id":"b","$defs":{"q~/":{"type":"boolean"}}}},"anyOf":[{"$ref":"#here"},{"$ref":"b#/$defs/q~0~1"}]}""", "null true", "5")]
    [InlineData("""{"allOf":[{"properties":{"a":{}}}],"properties":{"b":{}},"unevaluatedProperties":false}""", "{\"a\":1,\"b\":2}", "{\"c\":1}")]
    [InlineData("""{"anyOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}],"unevaluatedProperties":false}""", "{\"a\":1} {\"b\":1} {\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1} {\"c\":1,\"a\":1}")]
    public void Objects(string schema, string valid, string invalid) => All(schema, valid, invalid);

    [Theory]
    [InlineData("""{"items":{"type":"integer"},"minItems":1,"maxItems":2}""", "[1] [1,2] {}", "[] [1,2,3] [\"a\"]")]
    [InlineData("""{"prefixItems":[{"type":"string"}],"items":false}""", "[] [\"a\"]", "[1] [\"a\",1]")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"string"}],"additionalItems":{"type":"null"}}""", "[\"a\",null,null] []", "[\"a\",1]")]
    [InlineData("""{"uniqueItems":true}""", "[1,2] [1,\"1\",true] [{\"a\":1},{\"a\":2}] [[1],[2]] []", "[1,1.0] [{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}] [\"a\",\"\\u0061\"] [[],[]]")]
    [InlineData("""{"items":{"enum":["a","b"]},"uniqueItems":true,"minItems":2}""", "[\"a\",\"b\"] [\"b\",\"a\"]", "[\"a\",\"a\"] [\"a\"]")]
    [InlineData("""{"contains":{"type":"integer"},"minContains":2,"maxContains":3}""", "[1,2] [\"a\",1,2,3]", "[1] [] [1,2,3,4]")]
    [InlineData("""{"contains":{"const":5},"maxItems":2}""", "[5] [1,5]", "[1,2] []")]
    [InlineData("""{"not":{"items":{"type":"integer"}}}""", "[1,\"a\"]", "[1,2] [] 5")]
    [InlineData("""{"prefixItems":[{"type":"integer"}],"unevaluatedItems":false}""", "[1] []", "[1,2]")]
    public void Arrays(string schema, string valid, string invalid) => All(schema, valid, invalid);

    [Fact]
    public void Keys_come_in_the_order_of_the_schema_unless_any_order_is_wanted()
    {
        const string Schema = """{"type":"object","properties":{"b":{},"a":{},"c":{}},"required":["a"]}""";
        Assert.True(Checks.Takes(Schema, """{"b":1,"a":2,"c":3,"z":4}""", anyOrder: false));
        Assert.True(Checks.Takes(Schema, """{"a":2,"z":4}""", anyOrder: false));
        Assert.False(Checks.Takes(Schema, """{"a":2,"b":1}""", anyOrder: false));
        Assert.False(Checks.Takes(Schema, """{"z":2,"a":1}""", anyOrder: false));
        Assert.True(Checks.Takes(Schema, """{"z":2,"c":0,"a":1}"""));
    }

    [Fact]
    public void A_key_comes_once_however_it_is_spelled()
    {
        Assert.False(Checks.Takes("{}", """{"a":1,"\u0061":2}"""));
        Assert.False(Checks.Takes("""{"properties":{"a":{}}}""", """{"a":1,"\u0061":2}"""));
        Assert.True(Checks.Takes("{}", """{"a":1,"A":2}"""));
    }

    [Fact]
    public void Dead_ends_are_not_offered()
    {
        Assert.False(Checks.Begins("""{"type":"array","items":{"enum":["a","b"]},"uniqueItems":true}""", """["a","a"""));
        Assert.False(Checks.Begins("""{"type":"array","items":{"enum":["a","b"]},"uniqueItems":true}""", """["a","b","""));
        Assert.False(Checks.Begins("""{"type":"object","properties":{"a":false}}""", "{\"a\""));
        Assert.False(Checks.Begins("""{"type":"object","maxProperties":1,"required":["ab"]}""", """{"x"""));
        Assert.False(Checks.Begins("""{"type":"integer","maximum":9,"minimum":5}""", "4"));
        Assert.True(Checks.Begins("""{"type":"integer","maximum":9,"minimum":5}""", "50"));
        Assert.False(Checks.Begins("""{"type":"integer","maximum":9,"minimum":5}""", "51"));
        Assert.False(Checks.Begins("""{"type":"string","pattern":"^a{3}$","maxLength":3}""", "\"ab"));
        Assert.False(Checks.Begins("""{"type":"object","patternProperties":{"^k[12]$":{}},"additionalProperties":false}""", """{"k1":0,"k2":0,"""));
        Assert.False(Checks.Begins("""{"type":"string","enum":["é"]}""", "\"\\u00a"));
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"pattern":"(a)\\1"}}}""", "#/properties/a", "pattern")]
    [InlineData("""{"properties":{"a":{"pattern":"("}}}""", "#/properties/a", "pattern")]
    [InlineData("""{"$ref":"http://other.example/x"}""", "#", "$ref")]
    [InlineData("""{"$ref":"#"}""", "#", "$ref")]
    [InlineData("""{"allOf":[{"$ref":"#/nothing"}]}""", "#/allOf/0", "$ref")]
    [InlineData("""{"items":{"format":"regex"}}""", "#/items", "format")]
    [InlineData("""{"type":"any"}""", "#", "type")]
    [InlineData("""{"type":"string","minLength":3,"maxLength":2}""", "#", "unsatisfiable")]
    [InlineData("""{"type":"object","required":["a"],"properties":{"a":{"$ref":"#"}}}""", "#", "unsatisfiable")]
    [InlineData("""[1]""", "#", "schema")]
    [InlineData("""{""", "#", "json")]
    public void What_cannot_be_kept_is_refused_with_its_path(string schema, string path, string cause)
    {
        GrammarRefusedException e = Assert.Throws<GrammarRefusedException>(() => GrammarCompiler.JsonSchema(schema));
        Assert.Equal((path, cause), (e.Path, e.Cause));
    }

    private static void All(string schema, string valid, string invalid)
    {
        CompiledGrammar grammar = GrammarCompiler.JsonSchema(schema, Checks.AnyOrder);
        Assert.All(valid.Split(' ', StringSplitOptions.RemoveEmptyEntries), t => Assert.True(Checks.Takes(grammar, t), $"refuses {t}"));
        Assert.All(invalid.Split(' ', StringSplitOptions.RemoveEmptyEntries), t => Assert.False(Checks.Takes(grammar, t), $"takes {t}"));
    }
}
