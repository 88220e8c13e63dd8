using XLLM.Text.ChatTemplates;

namespace XLLM.Text.Tests.ChatTemplates;

/// <summary>Hostile templates: each ends with the limit it hits, before memory or time is spent.</summary>
public class LimitTests
{
    private static readonly TemplateLimits Small = new() { MaxSteps = 200_000, MaxAllocation = 1 << 22, MaxStringLength = 1 << 18 };

    [Theory]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "nested")]
    [InlineData("{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}", "nested")]
    [InlineData("{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}", "steps")]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{{ range(10 ** 9) | list }}", "range")]
    [InlineData("{{ range(0, 10 ** 30, 1) }}", "range")]
    [InlineData("{{ 'x' * 10 ** 9 }}", "string")]
    [InlineData("{{ 'x' * 10 ** 30 }}", "string")]
    [InlineData("{{ [1] * 10 ** 9 }}", "items")]
    [InlineData("{{ (1, 2) * 10 ** 30 }}", "items")]
    [InlineData("{{ 'x'.center(10 ** 9) }}", "string")]
    [InlineData("{{ 'x'.zfill(10 ** 9) }}", "string")]
    [InlineData("{{ 'x'.ljust(10 ** 9) }}", "string")]
    [InlineData("{{ '\\t'.expandtabs(10 ** 9) }}", "string")]
    [InlineData("{{ 'x' | center(10 ** 9) }}", "string")]
    [InlineData("{{ 'x' | indent(10 ** 9, true) }}", "string")]
    [InlineData("{{ [1] | tojson(indent=10 ** 9) }}", "string")]
    [InlineData("{{ '%1000000000d' % 1 }}", "string")]
    [InlineData("{{ '%.1000000000f' % 1 }}", "digits")]
    [InlineData("{{ '{:1000000000}'.format(1) }}", "string")]
    [InlineData("{{ '{:.1000000000f}'.format(1) }}", "digits")]
    [InlineData("{{ [1] | batch(10 ** 9, 1) | list }}", "items")]
    [InlineData("{{ [1] | slice(10 ** 9) | list }}", "items|intermediate|steps")]
    [InlineData("{{ 10 ** (10 ** 10) }}", "integer")]
    [InlineData("{{ 2 ** 100000 }}", "integer")]
    [InlineData("{% set ns = namespace(x=2) %}{% for i in range(100) %}{% set ns.x = ns.x * ns.x %}{% endfor %}", "integer")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", "string")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}", "string")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x|replace('', ns.x) %}{% endfor %}", "string|intermediate")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", "items|intermediate|steps")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}", "steps|string|inter")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}", "steps|string|inter")]
    [InlineData("{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}", "steps")]
    [InlineData("{% set ns = namespace(x=[]) %}{% for i in range(5000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}", "nested")]
    [InlineData("{% set ns = namespace(x={}) %}{% for i in range(5000) %}{% set ns.x = {1: ns.x} %}{% endfor %}{{ ns.x|tojson }}", "nested")]
    [InlineData("{% set ns = namespace(x=[], y=[]) %}{% for i in range(5000) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}{% endfor %}{{ ns.x == ns.y }}", "nested")]
    [InlineData("{% set ns = namespace(x=['a']) %}{% for i in range(5000) %}{% set ns.x = ns.x|map('upper') %}{% endfor %}{{ ns.x|list }}", "nested")]
    [InlineData("{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}", "nested")]
    [InlineData("{% set ns = namespace(x='a' * 200000) %}{% for i in range(100000) %}{% if ns.x == ns.x ~ '' %}{% endif %}{% endfor %}", "steps|inter")]
    [InlineData("{% set a = 'a' * 200000 %}{% set b = 'a' * 100000 ~ 'b' %}{% for i in range(100000) %}{% if b in a %}{% endif %}{% endfor %}", "steps")]
    [InlineData("{% set a = 'a' * 200000 %}{{ a.strip(('b' * 100000) ~ 'a') }}", "steps")]
    [InlineData("{% for i in range(100000) %}{{ 'x' * 1000 }}{% endfor %}", "output|intermediate|steps")]
    [InlineData("{% for item in [1] recursive %}{{ loop([1]) }}{% endfor %}", "nested")]
    [InlineData("{% macro a() %}{% call a() %}{% endcall %}{{ caller }}{% endmacro %}{{ a() }}", "nested")]
    public void Hostile_templates_end_with_the_limit_they_hit(string source, string limit)
    {
        TemplateException e = Rendering.Fails(source, TemplateErrorKind.Limit, limits: Small);

        Assert.Contains(limit.Split('|'), part => e.Reason.Contains(part, StringComparison.Ordinal));
        Assert.Equal(1, e.Line);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("{1: ", "}")]
    [InlineData("-", "")]
    [InlineData("not ", "")]
    [InlineData("x(", ")")]
    [InlineData("x[", "]")]
    [InlineData("1 if 1 else ", "")]
    [InlineData("x is y ", "")]
    public void Expressions_nested_too_deep_are_refused_by_the_parser(string open, string close)
    {
        string inner = string.Concat(Enumerable.Repeat(open, 100_000)) + "1" + string.Concat(Enumerable.Repeat(close, 100_000));

        TemplateException e = Assert.Throws<TemplateException>(() => ChatTemplate.Parse("{{ " + inner + " }}"));
        Assert.True(e.Kind is TemplateErrorKind.Limit or TemplateErrorKind.Syntax, e.Message);
    }

    [Theory]
    [InlineData("{% if 1 %}")]
    [InlineData("{% for x in y %}")]
    [InlineData("{% macro m() %}")]
    [InlineData("{% set x %}")]
    [InlineData("{% filter upper %}")]
    [InlineData("{% call m() %}")]
    [InlineData("{% with %}")]
    [InlineData("{% for (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((")]
    public void Blocks_nested_too_deep_are_refused_by_the_parser(string open)
    {
        TemplateException e = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(string.Concat(Enumerable.Repeat(open, 50_000))));
        Assert.Equal(TemplateErrorKind.Limit, e.Kind);
    }

    [Theory]
    [InlineData(" + 1")]
    [InlineData(".a")]
    [InlineData("|string")]
    [InlineData(" or 0")]
    public void A_chain_too_long_to_evaluate_is_refused_and_does_not_overflow_the_stack(string link)
    {
        string source = "{{ 0" + string.Concat(Enumerable.Repeat(link, 50_000)) + " }}";

        TemplateException e = Rendering.Fails(source.Replace("0.a", "x.a", StringComparison.Ordinal), TemplateErrorKind.Limit, """{"x": {"a": 1}}""");
        Assert.Contains("nested", e.Reason);
    }

    [Fact]
    public void A_source_longer_than_the_limit_is_refused()
    {
        TemplateException e = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(new string('x', (1 << 20) + 1)));
        Assert.Equal((TemplateErrorKind.Limit, 0), (e.Kind, e.Line));
    }

    [Fact]
    public void The_output_has_a_limit_of_its_own() =>
        Assert.Contains("output", Rendering.Fails("{% for i in range(30) %}{{ 'x' * 10 }}{% endfor %}", TemplateErrorKind.Limit,
            limits: new TemplateLimits { MaxOutputLength = 100 }).Reason);

    [Fact]
    public void A_long_conversation_is_far_from_the_limits()
    {
        string message = new('x', 4000);
        string messages = "[" + string.Join(',', Enumerable.Repeat($$"""{"role": "user", "content": "{{message}}"}""", 2000)) + "]";
        string source = "{% for m in c %}{% if m.role == 'user' %}<|u|>{{ m.content | trim }}{% else %}x{% endif %}<|e|>\n{% endfor %}";

        Assert.Equal(2000 * (4000 + 11), Rendering.Render(source, $$"""{"c": {{messages}}}""").Length);
    }
}
