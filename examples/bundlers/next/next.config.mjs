/** @type {import('next').NextConfig} */
export default { reactStrictMode: false }
