using System.Net.Http.Json;

namespace Escapement.Scenarios.Tests;

static class Api
{
    public static async Task AddAsync(HttpClient http, object job)
    {
        using var answer = await http.PostAsJsonAsync("/scheduler/jobs", job);
        Assert(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    static void Assert(bool holds, string message) => Xunit.Assert.True(holds, message);
}
