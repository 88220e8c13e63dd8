using System.Text.Json;
using XLLM.Text.ChatTemplates;

namespace XLLM.Text.Tests.ChatTemplates;

public class ChatTemplateTests
{
    private const string Source = "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

    private static readonly ChatTemplateInput Hello = new()
    {
        Messages = Rendering.Json("""[{"role": "user", "content": "Hi 😀"}]"""),
        SpecialTokens = new Dictionary<string, string> { ["bos_token"] = "<s>" },
    };

    [Fact]
    public void Render_gives_messages_special_tokens_and_generation_prompt()
    {
        ChatTemplate template = ChatTemplate.Parse(Source);

        Assert.Equal("<s><user>Hi 😀<assistant>", template.Render(Hello));
        Assert.Equal("<s><user>Hi 😀", template.Render(Hello with { AddGenerationPrompt = false }));
    }

    [Fact]
    public void Tools_are_none_when_null_and_undefined_when_default()
    {
        ChatTemplate template = ChatTemplate.Parse("{{ tools is defined }} {{ tools is none }} {{ documents is defined }}");

        Assert.Equal("True True True", template.Render(Hello));
        Assert.Equal("False False True", template.Render(Hello with { Tools = default(JsonElement) }));
        Assert.Equal("True False True", template.Render(Hello with { Tools = Rendering.Json("[]") }));
    }

    [Fact]
    public void Variables_win_over_special_tokens_but_not_over_messages()
    {
        Dictionary<string, JsonElement> variables = new()
        {
            ["bos_token"] = Rendering.Json("\"B\""),
            ["messages"] = Rendering.Json("[]"),
        };
        Assert.Equal("B<user>Hi 😀<assistant>", ChatTemplate.Parse(Source).Render(Hello with { Variables = variables }));
    }

    [Fact]
    public void Numbers_of_JSON_keep_their_kind_and_size() => Assert.Equal(
        "[1, 1.0, -0.0, 1e+22, 123456789012345678901234567890, inf]",
        Rendering.Render("{{ x }}", """{"x": [1, 1.0, -0.0, 1e22, 123456789012345678901234567890, 1e999]}"""));

    [Fact]
    public void A_key_that_is_there_twice_has_its_last_value_at_its_first_place() =>
        Assert.Equal("""{"a": 3, "b": 2}""", Rendering.Render("{{ x | tojson }}", """{"x": {"a": 1, "b": 2, "a": 3}}"""));

    [Fact]
    public void A_refusal_carries_the_templates_message_alone()
    {
        TemplateException e = Rendering.Fails("\n{{ raise_exception('Roles must alternate, é!') }}", TemplateErrorKind.Refused);
        Assert.Equal(("Roles must alternate, é!", "Roles must alternate, é!", 2), (e.Message, e.Reason, e.Line));
    }

    [Theory]
    [InlineData("a\n{{ x.y }}", "chat template, line 2: 'x' is undefined")]
    [InlineData("\n\n{{ none.y.z }}", "chat template, line 3: 'None' has no attribute 'y'")]
    [InlineData("{{ {'a': 1}.b.c }}", "chat template, line 1: 'dict object' has no attribute 'b'")]
    [InlineData("{{ [][1].c }}", "chat template, line 1: list object has no element 1")]
    [InlineData("{#\n#}{% macro m(a) %}\n{{ a.b }}{% endmacro %}\n{{ m() }}", "chat template, line 3: parameter 'a' was not provided")]
    [InlineData("{{ 1 + 'a' }}", "chat template, line 1: unsupported operand type(s) for +: 'int' and 'str'")]
    [InlineData("{{ 'a' + none }}", "chat template, line 1: can only concatenate str (not \"NoneType\") to str")]
    public void Failures_name_the_line_and_say_what_Python_would(string source, string message) =>
        Assert.Equal(message, Rendering.Fails(source, TemplateErrorKind.Evaluation).Message);

    [Theory]
    [InlineData("a\n{% if x %}\nb", "chat template, line 3: the template ends without 'endif' for the block of line 2")]
    [InlineData("a\n\n{{ 1 + }}", "chat template, line 3: expected an expression, got '}}'")]
    [InlineData("{% endfor %}", "chat template, line 1: unknown tag 'endfor'")]
    [InlineData("a\n{# b", "chat template, line 2: the comment has no end: expected '#}'")]
    [InlineData("{{ 'a }}", "chat template, line 1: the string has no end")]
    [InlineData("{{ (1] }}", "chat template, line 1: unexpected ']', expected ')'")]
    public void Parse_says_where_and_what_was_expected(string source, string message) =>
        Assert.Equal((TemplateErrorKind.Syntax, message), Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source)) is var e ? (e.Kind, e.Message) : default);

    [Theory]
    [InlineData("""{"x": "\ud800"}""")]
    [InlineData("""{"x": {"\ud800": 1}}""")]
    public void Half_of_a_surrogate_pair_is_refused(string variables) =>
        Assert.Contains("Unicode", Rendering.Fails("{{ x }}", TemplateErrorKind.Evaluation, variables).Message);

    [Fact]
    public void Messages_nested_too_deep_or_with_huge_numbers_are_refused()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 300)) + string.Concat(Enumerable.Repeat("]", 300));
        Rendering.Fails("{{ x }}", TemplateErrorKind.Limit, $$"""{"x": {{deep}}}""");
        Rendering.Fails("{{ x }}", TemplateErrorKind.Limit, $$"""{"x": {{new string('9', 5000)}}}""");
    }

    [Fact]
    public void Many_threads_may_render_one_template()
    {
        ChatTemplate template = ChatTemplate.Parse(
            "{% macro f(n) %}{% if n %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{% set ns = namespace(x=0) %}"
            + "{% for m in messages %}{% set ns.x = ns.x + 1 %}{{ ns.x }}{{ f(5) }}{{ m.content|upper }}{% endfor %}");
        string expected = template.Render(Hello);

        Parallel.For(0, 200, _ => Assert.Equal(expected, template.Render(Hello)));
    }

    [Fact]
    public void Generation_blocks_render_their_body() =>
        Assert.Equal("a<b>c", Rendering.Render("a{% generation %}<b>{% endgeneration %}c"));
}
