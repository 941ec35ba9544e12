# ruby-recaptcha: verify_recaptcha as a controller calls it.
require 'net/http'
require 'recaptcha'

Recaptcha.configure do |config|
  config.site_key = 'forum'
  config.secret_key = ENV['SECRET']
  config.verify_url = "#{ENV['URL']}/recaptcha/api/siteverify"
  config.hostname = 'captcha.example.org'
end

Request = Struct.new(:remote_ip)

class Controller
  include Recaptcha::Verify
  attr_reader :request, :params

  def initialize
    @request = Request.new('203.0.113.9')
    @params = { 'g-recaptcha-response' => ENV['TOKEN'] }
  end
end

begin
  puts Controller.new.verify_recaptcha(env: 'production') ? 'pass' : 'refused'
rescue Recaptcha::RecaptchaError
  puts 'error RecaptchaError'
end
