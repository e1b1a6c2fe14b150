-- Mixed traffic for wrk: 2,000 customers of one key come, change, are read, listed and go.
local file = io.open(os.getenv("PAGE_BODY"))
local body = file:read("*a")
file:close()
local id = "5eb02857-a71e-4ea2-bcf9-57d3a41bc6ba"
local first, last = body:find(id, 1, true)
local head, tail = body:sub(1, first - 1), body:sub(last + 1)
local headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer key-of-the-soak" }
local path = "/api/v1/customers"

function init()
  math.randomseed(os.time())
end

function request()
  local name = "customer-" .. math.random(2000)
  local dice = math.random(100)
  if dice <= 30 then
    return wrk.format("POST", path, headers, head .. name .. tail)
  elseif dice <= 50 then
    local change = '{"customer":{"external_id":"' .. name .. '","city":"City ' .. dice .. '"}}'
    return wrk.format("POST", path, headers, change)
  elseif dice <= 55 then
    local wrong = '{"customer":{"external_id":"' .. name .. '","country":"USA","nmae":"x"}}'
    return wrk.format("POST", path, headers, wrong)
  elseif dice <= 90 then
    return wrk.format("GET", path .. "/" .. name, headers)
  elseif dice <= 92 then
    return wrk.format("GET", path .. "?per_page=20&page=" .. math.random(90), headers)
  else
    return wrk.format("DELETE", path .. "/" .. name, headers)
  end
end
